// Leases: limits, reuse after a reset, idle connections and their end.
import Compression
import Glibc
import Network
import Testing
import Topology
import Wire

@testable import Backend

@Suite struct ServerPoolTests {
    /// Returns the lease and answers the reset.
    private func release(_ scene: PoolScene, _ peer: ScriptedPeer) async {
        await scene.lane.run {
            scene.connection?.taint()
            scene.connection?.release()
        }
        #expect(peer.packet() == [CommandCode.resetConnection.rawValue])
        _ = peer.packet()
        peer.send(framed(1, okPayload()) + framed(1, okPayload()))
        await scene.lane.expectEventually { scene.pool.idleConnections == 1 }
    }

    @Test func `a released connection is reset, idles and is given out again`() async {
        let scene = PoolScene()
        let peer = await scene.ready()
        let first = await scene.lane.run { scene.connection.map(ObjectIdentifier.init) }
        await release(scene, peer)
        await scene.lane.run { scene.connection = nil }
        let next = RecordingUser()
        #expect(await scene.acquire(next) == "connection")
        await scene.lane.expect {
            scene.connection.map(ObjectIdentifier.init) == first && scene.connection?.isReady == true
        }
        await scene.lane.expect { scene.pool.idleConnections == 0 && scene.pool.connections.count == 1 }
        #expect(scene.server.nobodyWaits)
        await scene.send("SELECT 2")
        #expect(peer.command()?.1 == "SELECT 2")
        peer.send(framed(1, okPayload()))
        await scene.lane.expectEventually { next.completed == 1 }
        await scene.lane.expect { scene.user.completed == 0 }
    }

    /// A connection to the scene's node for a session in this state.
    private func acquire(_ scene: PoolScene, for wanted: SessionImage) async {
        await scene.lane.run {
            let acquisition = scene.pool.acquire(
                scene.server.entry(load: scene.load), epoch: 3, account: PoolScene.account, traits: PoolScene.traits,
                isReadOnly: false, hasSchema: true, wanted: wanted, for: scene.user)
            if case .connection(let made) = acquisition { scene.connection = made }
        }
    }

    @Test func `a connection in a role, also after a reset, serves none that has the login's`() async {
        var inRole = SessionImage()
        let isNoted = inRole.setRole(Array("`r`".utf8), dependsOnGrants: false)
        #expect(isNoted)
        let state = inRole
        let scene = PoolScene()
        let peer = await scene.ready()
        await scene.lane.run {
            _ = scene.connection?.synchronize(with: state, isMain: true)
            scene.connection?.flush()
        }
        #expect(peer.command()?.1 == "SET ROLE `r`")
        peer.send(framed(1, okPayload()))
        await scene.lane.expectEventually { scene.connection?.isSynchronizing == false }
        await release(scene, peer)
        await scene.lane.expect { scene.connection?.hasRole == true }
        let first = await scene.lane.run { scene.connection.map(ObjectIdentifier.init) }
        await acquire(scene, for: SessionImage())
        await scene.lane.expect { scene.connection.map(ObjectIdentifier.init) != first }
        await scene.lane.expect { scene.pool.idleConnections == 1 && scene.connection?.hasRole == false }
        await acquire(scene, for: state)
        await scene.lane.expect { scene.connection.map(ObjectIdentifier.init) == first }
        await scene.lane.run {
            _ = scene.connection?.synchronize(with: state, isMain: true)
            scene.connection?.flush()
        }
        // Whether the reset left it, nobody was told.
        #expect(peer.command()?.1 == "SET ROLE `r`")
    }

    @Test func `a connection that no session used goes on as it is`() async {
        let scene = PoolScene()
        let peer = await scene.ready()
        await scene.lane.run { scene.connection?.release() }
        await scene.lane.expect { scene.pool.idleConnections == 1 && scene.pool.counters.passed == 1 }
        await scene.lane.run { scene.pool.drain() }
        #expect(peer.packet() == [CommandCode.quit.rawValue])
    }

    /// Runs a statement in a state, gives the connection back and answers the question that follows.
    private func passOn(
        _ scene: PoolScene, _ peer: ScriptedPeer, state: SessionImage, answer: String,
        status: StatusFlags = .autocommit
    ) async {
        await scene.send("INSERT INTO t VALUES (1)")
        _ = peer.packet()
        peer.send(framed(1, okPayload()))
        await scene.lane.expectEventually { scene.user.completed == 1 }
        await scene.lane.run {
            scene.connection?.adopt(state)
            scene.connection?.release()
        }
        let question = peer.command()?.1
        #expect(question?.contains("USER_VARIABLES") == true && question?.contains("RELEASE_ALL_LOCKS()") == true)
        peer.send(resultSet([answer], status: status))
    }

    @Test func `a used connection goes on when the server says that nothing is left, and its state is undone`() async {
        let scene = PoolScene()
        let peer = await scene.ready()
        let state = image([("sql_select_limit", "5"), ("time_zone", "+01:00")])
        await passOn(scene, peer, state: state, answer: "7 0 0")
        await scene.lane.expectEventually { scene.pool.idleConnections == 1 }
        await scene.lane.expect { scene.pool.counters.resets == 0 }
        #expect(await scene.acquire(RecordingUser()) == "connection")
        await scene.lane.run {
            _ = scene.connection?.synchronize(with: image([("time_zone", "+02:00")]), isMain: true)
            scene.connection?.flush()
        }
        #expect(
            peer.command()?.1
                == "SET @@session.sql_select_limit=DEFAULT,@@session.last_insert_id=0,@@session.time_zone='+02:00'")
    }

    @Test func `a connection with user variables, or without an answer, is reset`() async {
        for answer in ["0 0 1", "nonsense", "0 0"] {
            let scene = PoolScene()
            let peer = await scene.ready()
            await passOn(scene, peer, state: SessionImage(), answer: answer)
            #expect(peer.packet() == [CommandCode.resetConnection.rawValue])
            await scene.lane.expect { scene.pool.counters.resets == 1 && scene.pool.counters.passed == 0 }
        }
    }

    @Test func `a connection on which a transaction turns out to be open is reset`() async {
        let scene = PoolScene()
        let peer = await scene.ready()
        await passOn(
            scene, peer, state: SessionImage(), answer: "0 0 0", status: [.autocommit, .inTransaction])
        #expect(peer.packet() == [CommandCode.resetConnection.rawValue])
        await scene.lane.expect { scene.pool.counters.resets == 1 && scene.pool.counters.passed == 0 }
    }

    @Test func `character sets are undone where a SET does what a login does`() async {
        for version in ["10.11.6-MariaDB", "11.8.9-MariaDB", ""] {
            let scene = PoolScene(serverVersion: version)
            let peer = await scene.ready()
            await scene.send("SELECT 1")
            _ = peer.packet()
            peer.send(framed(1, okPayload()))
            await scene.lane.expectEventually { scene.user.completed == 1 }
            await scene.lane.run {
                scene.connection?.adopt(image([("character_set_client", "latin1")]))
                scene.connection?.release()
            }
            let passes = peer.command()?.1.contains("USER_VARIABLES") == true
            #expect(passes == version.hasPrefix("10."), "\(version)")
        }
    }

    @Test func `carried user variables and prepared names are reset away without a question`() async {
        for isName in [false, true] {
            let scene = PoolScene()
            let peer = await scene.ready()
            await scene.lane.run {
                var state = SessionImage()
                let isNoted = state.setUserVariable(UserVariable(name: [97], expression: [49]))
                #expect(isNoted)
                if isName { scene.connection?.textPrepared([97], 1) } else { scene.connection?.adopt(state) }
                scene.connection?.release()
            }
            #expect(peer.packet() == [CommandCode.resetConnection.rawValue])
        }
    }

    @Test func `what cannot be undone by DEFAULT is reset without a question`() async {
        let scene = PoolScene()
        let peer = await scene.ready()
        await scene.lane.run {
            scene.connection?.adopt(image([("some_variable", "1")]))
            scene.connection?.release()
        }
        #expect(peer.packet() == [CommandCode.resetConnection.rawValue])
    }

    @Test func `a connection that is still being reset is not given out`() async {
        let scene = PoolScene()
        let peer = await scene.ready()
        await scene.lane.run {
            scene.connection?.taint()
            scene.connection?.release()
        }
        #expect(peer.packet() == [CommandCode.resetConnection.rawValue])
        _ = await scene.acquire()
        let second = scene.server.acceptAndLogIn()
        #expect(second.command()?.0 == 3)
        await scene.lane.expect { scene.pool.connections.count == 2 }
    }

    @Test func `a refused reset closes the connection`() async {
        let scene = PoolScene()
        let peer = await scene.ready()
        await scene.lane.run {
            scene.connection?.taint()
            scene.connection?.release()
        }
        _ = peer.packet()
        peer.send(framed(1, errorPayload(1047, "Unknown command")))
        await scene.lane.expectEventually { scene.pool.connections.isEmpty }
        await scene.lane.expect { scene.load.connections == 0 && scene.pool.idleConnections == 0 }
    }

    @Test func `the limit counts, and room is told of`() async {
        let scene = PoolScene(connectionsPerNode: 1)
        let peer = await scene.ready()
        #expect(await scene.acquire() == "limit")
        await scene.lane.expect { scene.load.connections == 1 && scene.capacityCalls == 0 }
        await release(scene, peer)
        await scene.lane.expect { scene.capacityCalls >= 1 }
        #expect(await scene.acquire() == "connection")
        await scene.lane.expect { scene.load.connections == 1 }
    }

    @Test func `an account and the process have limits of their own, and the answer says which is reached`() async {
        for (budget, limit) in [
            (ConnectionBudget(limit: 1), ConnectionLimit.process(1)),
            (ConnectionBudget(accountLimit: 1), ConnectionLimit.account(1)),
        ] {
            let scene = PoolScene(budget: budget)
            #expect(await scene.acquire() == "connection")
            #expect(await scene.acquire() == "limit")
            await scene.lane.expect { scene.lastLimit == limit && scene.load.connections == 1 }
            let other = await scene.acquire(account: BackendAccount(user: "other", stage1: []))
            #expect(other == (limit == .process(1) ? "limit" : "connection"))
        }
    }

    @Test func `other limits count at once, and what is open stays`() {
        let (budget, load) = (ConnectionBudget(limit: 2), NodeLoad())
        func reserve() -> ConnectionLimit? { budget.reserve(load, user: "app", nodeLimit: 10, beyond: 0) }
        #expect(reserve() == nil && reserve() == nil && reserve() == .process(2))
        budget.setLimits(limit: 0, accountLimit: 3)
        #expect(reserve() == nil && reserve() == .account(3) && !budget.isFull)
        budget.setLimits(limit: 1, accountLimit: 0)
        #expect(budget.connections == 3 && budget.isFull && reserve() == .process(1))
    }

    @Test func `other settings leave connections that would be opened otherwise now, and no others`() async {
        let scene = PoolScene()
        let peer = await scene.ready()
        await release(scene, peer)
        let fewer = PoolSettings(connectionsPerNode: 5, idleConnections: 10, connectTimeoutMilliseconds: 5_000)
        await scene.lane.run { scene.pool.adopt(fewer) }
        await scene.lane.expect { scene.pool.idleConnections == 1 && scene.pool.settings.connectionsPerNode == 5 }
        await scene.lane.run {
            var compressed = fewer
            compressed.compression = .zlib
            scene.pool.adopt(compressed)
        }
        await scene.lane.expect { scene.pool.idleConnections == 0 && scene.load.connections == 0 }
    }

    @Test func `the budget knows whether anybody waits for a place of the process`() {
        let budget = ConnectionBudget(limit: 1)
        #expect(!budget.isWanted)
        budget.waitingChanged(by: 2)
        budget.waitingChanged(by: -1)
        #expect(budget.isWanted)
        budget.waitingChanged(by: -1)
        #expect(!budget.isWanted)
    }

    @Test func `a server that refuses a connection because it is full is not asked for the next at once`() async {
        let scene = PoolScene()
        let peer = await scene.ready()
        #expect(await scene.acquire() == "connection")
        scene.server.accept().send(framed(0, errorPayload(1040, "Too many connections")))
        await scene.lane.expectEventually { scene.user.failures.count == 1 }
        await scene.lane.expect { scene.user.failures[0].saysServerIsFull }
        #expect(await scene.acquire() == "limit")
        await scene.lane.expect { scene.lastLimit == .server(1) && scene.load.connections == 1 }
        #expect(scene.server.nobodyWaits)
        peer.close()
    }

    @Test func `an account that has as many as the server gives it is not asked for at once, and others are`() async {
        for code: UInt16 in [1203, 1226] {
            let scene = PoolScene()
            let peer = await scene.ready()
            #expect(await scene.acquire() == "connection")
            scene.server.accept().send(framed(0, errorPayload(code, "User app has exceeded")))
            await scene.lane.expectEventually { scene.user.failures.count == 1 }
            #expect(await scene.acquire() == "limit")
            await scene.lane.expect { scene.lastLimit == .serverAccount(1) && scene.load.connections == 1 }
            #expect(await scene.acquire(account: BackendAccount(user: "other", stage1: [])) == "connection")
            peer.close()
        }
    }

    @Test func `an account of which the server refuses all is asked for once a while`() {
        let (budget, load) = (ConnectionBudget(), NodeLoad())
        func reserve(_ now: UInt64) -> ConnectionLimit? {
            budget.reserve(load, user: "app", nodeLimit: 10, beyond: 0, nowMilliseconds: now)
        }
        #expect(reserve(100) == nil)
        budget.release(load, user: "app")
        budget.refusedAsFull(load, user: "app", nowMilliseconds: 100)
        #expect(reserve(1_099) == .serverAccount(0) && load.connections == 0 && budget.connections == 0)
        #expect(reserve(1_100) == nil && reserve(1_100) == .serverAccount(0))
        budget.connectionAccepted(load, user: "app")
        for _ in 0..<7 { #expect(reserve(1_101) == nil) }
        #expect(reserve(1_101) == .serverAccount(8))
    }

    @Test func `a closed connection gives its place back in every count`() async {
        let budget = ConnectionBudget(limit: 1, accountLimit: 1)
        let scene = PoolScene(budget: budget)
        for _ in 0..<3 {
            #expect(await scene.acquire() == "connection")
            #expect(budget.connections == 1)
            await scene.lane.run { scene.connection?.close() }
            #expect(budget.connections == 0)
        }
    }

    @Test func `connections to a node that changed its role go, those on loan when they come back`() async {
        let scene = PoolScene()
        let idle = await scene.ready()
        await release(scene, idle)
        _ = await scene.acquire(account: BackendAccount(user: "other", stage1: []))
        let leased = scene.server.acceptAndLogIn()
        _ = leased.packet()
        leased.send(framed(1, okPayload()))
        await scene.lane.expectEventually { scene.connection?.isReady == true && scene.connection?.isInSync == true }
        for (version, role) in [NodeRole.replica, .primary].enumerated() {
            await scene.lane.run {
                var entry = scene.server.entry(load: scene.load)
                entry.role = role
                scene.pool.tablePublished(
                    RoutingTable(
                        cluster: "c", version: UInt64(version), epoch: 1,
                        gate: .closed(reason: "x", sinceUnixMilliseconds: 0), entries: [entry],
                        publishedUnixMilliseconds: 0))
            }
        }
        #expect(idle.packet() == [CommandCode.quit.rawValue])
        await scene.lane.run {
            scene.connection?.taint()
            scene.connection?.release()
        }
        #expect(leased.packet() == [CommandCode.quit.rawValue])
        await scene.lane.expect { scene.pool.connections.isEmpty && scene.load.connections == 0 }
    }

    @Test func `an idle connection of another account makes room`() async {
        let scene = PoolScene(connectionsPerNode: 1)
        let peer = await scene.ready()
        await release(scene, peer)
        #expect(await scene.acquire(account: BackendAccount(user: "other", stage1: [])) == "connection")
        #expect(peer.packet() == [CommandCode.quit.rawValue])
        await scene.lane.expect { scene.load.connections == 1 && scene.pool.idleConnections == 0 }
        let second = scene.server.accept()
        second.send(framed(0, greeting()))
        #expect(second.packet()?.isEmpty == false)
    }

    @Test func `who has a connection is told by node and account, and idle ones go by account`() async {
        let scene = PoolScene()
        let peer = await scene.ready()
        await scene.lane.expect {
            let (node, elsewhere) = (NodeID(index: 0), NodeID(index: 1))
            return scene.pool.leasedConnections(to: nil, of: nil).count == 1
                && scene.pool.leasedConnections(to: node, of: "app").first?.holder === scene.user
                && scene.pool.leasedConnections(to: node, of: "other").isEmpty
                && scene.pool.leasedConnections(to: elsewhere, of: nil).isEmpty
        }
        await release(scene, peer)
        await scene.lane.expect {
            scene.pool.leasedConnections(to: nil, of: nil).isEmpty && scene.pool.connections.count == 1
        }
        await scene.lane.expect { scene.pool.evictIdle(of: NodeID(index: 0), user: "other", atMost: 5) == 0 }
        await scene.lane.expect { scene.pool.evictIdle(of: NodeID(index: 0), user: "app", atMost: 5) == 1 }
        #expect(peer.packet() == [CommandCode.quit.rawValue])
    }

    @Test func `accounts and login traits are not mixed`() async {
        let scene = PoolScene()
        let peer = await scene.ready()
        await release(scene, peer)
        await scene.lane.run {
            let entry = scene.server.entry(load: scene.load)
            for (account, traits) in [
                (BackendAccount(user: "app", stage1: [1]), PoolScene.traits),
                (BackendAccount(user: "b", stage1: []), PoolScene.traits),
                (PoolScene.account, ConnectionTraits(capabilities: 1, collation: 45)),
                (PoolScene.account, ConnectionTraits(capabilities: serverCapabilities.rawValue, collation: 8)),
            ] {
                guard
                    case .connection(let made) = scene.pool.acquire(
                        entry, epoch: 1, account: account, traits: traits, isReadOnly: false, hasSchema: false,
                        for: scene.user)
                else {
                    Issue.record("no connection")
                    continue
                }
                #expect(!made.isReady)
            }
        }
        await scene.lane.expect { scene.pool.idleConnections == 1 && scene.pool.connections.count == 5 }
    }

    @Test func `an idle connection is closed when its time is over`() async {
        let scene = PoolScene()
        let peer = await scene.ready()
        await release(scene, peer)
        await scene.lane.run { scene.pool.sweep(nowMilliseconds: scene.lane.nowMilliseconds) }
        await scene.lane.expect { scene.pool.idleConnections == 1 }
        await scene.lane.run {
            scene.pool.sweep(nowMilliseconds: scene.lane.nowMilliseconds + BackendLimits.idleMilliseconds + 1_000)
        }
        await scene.lane.expect { scene.pool.idleConnections == 0 && scene.pool.connections.isEmpty }
        #expect(peer.packet() == [CommandCode.quit.rawValue])
    }

    @Test func `no more idle than allowed`() async {
        let scene = PoolScene(idle: 0)
        let peer = await scene.ready()
        await scene.lane.run {
            scene.connection?.taint()
            scene.connection?.release()
        }
        _ = peer.packet()
        _ = peer.packet()
        peer.send(framed(1, okPayload()) + framed(1, okPayload()))
        await scene.lane.expectEventually { scene.pool.connections.isEmpty }
        await scene.lane.expect { scene.load.connections == 0 && scene.pool.idleConnections == 0 }
    }

    @Test func `an idle connection that the server closes leaves the pool`() async {
        let scene = PoolScene()
        let peer = await scene.ready()
        await release(scene, peer)
        peer.close()
        await scene.lane.expectEventually { scene.pool.idleConnections == 0 && scene.pool.connections.isEmpty }
        await scene.lane.expect { scene.load.connections == 0 && scene.user.failures.isEmpty }
    }

    @Test func `connections go when another server answers as their node`() async {
        let scene = PoolScene()
        let idle = await scene.ready()
        await release(scene, idle)
        for moves in [UInt32(0), 1] {
            await scene.lane.expect { scene.pool.idleConnections == 1 }
            await scene.lane.run {
                var entry = scene.server.entry(load: scene.load)
                entry.role = .replica
                entry.moves = moves
                scene.pool.tablePublished(
                    RoutingTable(
                        cluster: "c", version: UInt64(moves), epoch: 1,
                        gate: .closed(reason: "x", sinceUnixMilliseconds: 0), entries: [entry],
                        publishedUnixMilliseconds: 0))
            }
        }
        #expect(idle.packet() == [CommandCode.quit.rawValue])
        await scene.lane.expect { scene.pool.idleConnections == 0 && scene.pool.connections.isEmpty }
    }

    @Test func `a table without the node, or with it down, ends what idles`() async {
        for isDown in [false, true] {
            let scene = PoolScene()
            let peer = await scene.ready()
            await release(scene, peer)
            await scene.lane.run {
                var entry = scene.server.entry(load: scene.load)
                if isDown { entry.state = .down }
                let entries = isDown ? [entry] : []
                scene.pool.tablePublished(
                    RoutingTable(
                        cluster: "c", version: 2, epoch: 1, gate: .closed(reason: "x", sinceUnixMilliseconds: 0),
                        entries: entries, publishedUnixMilliseconds: 0))
            }
            await scene.lane.expect { scene.pool.idleConnections == 0 && scene.pool.connections.isEmpty }
        }
    }

    @Test func `after a promotion connections to the new primary are opened ahead`() async {
        let scene = PoolScene()
        let peer = await scene.ready()
        func publish(_ primary: Int) async {
            await scene.lane.run {
                let entries = (0...1).map { index in
                    var entry = scene.server.entry(index, load: scene.load)
                    entry.role = index == primary ? .primary : .replica
                    return entry
                }
                scene.pool.tablePublished(
                    RoutingTable(
                        cluster: "c", version: 1, epoch: UInt64(primary + 1),
                        gate: .open(epoch: UInt64(primary + 1), primary: NodeID(index: primary)), entries: entries,
                        publishedUnixMilliseconds: 0))
            }
        }
        await publish(0)
        await scene.lane.run { scene.pool.sweep(nowMilliseconds: scene.lane.nowMilliseconds + 5_000) }
        peer.close()
        await scene.lane.expectEventually { scene.pool.connections.isEmpty }
        await publish(1)
        await scene.lane.run { scene.pool.openAhead(nowMilliseconds: scene.lane.nowMilliseconds) }
        let ahead = scene.server.acceptAndLogIn()
        _ = ahead.packet()
        ahead.send(framed(1, okPayload()))
        await scene.lane.expectEventually { scene.pool.idleConnections == 1 }
        await scene.lane.expect { scene.pool.connections.first?.entry.id == NodeID(index: 1) }
        #expect(scene.server.nobodyWaits)
    }

    @Test func `a pool fills up to the minimum, not beyond a limit, and not at a node that is drained`() async {
        let scene = PoolScene(connectionsPerNode: 3, minimumIdle: 3)
        var peers = [await scene.ready()]
        func fill(_ state: NodeState, later milliseconds: UInt64 = 0) async {
            await scene.lane.run {
                var entry = scene.server.entry(load: scene.load)
                entry.role = .primary
                entry.state = state
                scene.pool.tablePublished(
                    RoutingTable(
                        cluster: "c", version: 1, epoch: 3, gate: .open(epoch: 3, primary: entry.id), entries: [entry],
                        publishedUnixMilliseconds: 0))
                scene.pool.openAhead(nowMilliseconds: scene.lane.nowMilliseconds + milliseconds)
            }
        }
        await fill(.draining)
        await scene.lane.expect { scene.pool.connections.count == 1 }
        await fill(.online, later: BackendLimits.aheadPauseMilliseconds)
        for _ in 0..<2 {
            let ahead = scene.server.acceptAndLogIn()
            _ = ahead.packet()
            ahead.send(framed(1, okPayload()))
            peers.append(ahead)
        }
        await scene.lane.expectEventually { scene.pool.idleConnections == 2 }
        await scene.lane.expect { scene.pool.connections.count == 3 && scene.load.connections == 3 }
        #expect(scene.server.nobodyWaits)
        for peer in peers { peer.close() }
    }

    @Test func `drain closes what idles`() async {
        let scene = PoolScene()
        let peer = await scene.ready()
        await release(scene, peer)
        await scene.lane.run { scene.pool.drain() }
        await scene.lane.expect { scene.pool.idleConnections == 0 && scene.pool.connections.isEmpty }
    }

    @Test func `a refused connection is told as unreachable, and its place is free`() async {
        let scene = PoolScene()
        let dead = RoutingEntry(
            member: ClusterMember(
                id: NodeID(index: 0), name: "dead", address: .unix(path: "/tmp/switchyard-nobody-\(getpid())"),
                load: scene.load),
            nowUnixMilliseconds: 0)
        await scene.lane.run {
            _ = scene.pool.acquire(
                dead, epoch: 1, account: PoolScene.account, traits: PoolScene.traits, isReadOnly: false,
                hasSchema: false, for: scene.user)
        }
        await scene.lane.expectEventually { scene.user.failures.count == 1 }
        await scene.lane.expect {
            if case .unreachable = scene.user.failures[0] { true } else { false }
        }
        await scene.lane.expect { scene.load.connections == 0 }
    }

    @Test func `a path that is too long fails at once and leaves nothing behind`() async {
        let scene = PoolScene()
        let entry = RoutingEntry(
            member: ClusterMember(
                id: NodeID(index: 0), name: "long", address: .unix(path: String(repeating: "x", count: 200)),
                load: scene.load),
            nowUnixMilliseconds: 0)
        await scene.lane.run {
            guard
                case .failed = scene.pool.acquire(
                    entry, epoch: 1, account: PoolScene.account, traits: PoolScene.traits, isReadOnly: false,
                    hasSchema: false,
                    for: scene.user)
            else {
                Issue.record("it did not fail")
                return
            }
        }
        await scene.lane.expect { scene.load.connections == 0 && scene.pool.connections.isEmpty }
    }

    @Test func `a name is resolved, and one that cannot be is told`() async {
        let scene = PoolScene()
        #expect(await scene.acquire(host: "localhost") == "connection")
        await scene.lane.run { scene.connection?.close() }
        let user = RecordingUser()
        #expect(await scene.acquire(user, host: "no such host") == "connection")
        await scene.lane.expectEventually { user.failures.count == 1 }
        await scene.lane.expect { user.failures[0].text.contains("no such host") }
    }

    @Test func `without descriptors the user of a resolved name hears it`() async {
        await #expect(processExitsWith: .success) {
            let scene = PoolScene()
            await scene.lane.run {}
            var limit = rlimit(rlim_cur: 0, rlim_max: 0)
            getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
            // A name of a numeric form that inet_pton refuses but getaddrinfo takes needs no file to be resolved.
            let next = dup(0)
            close(next)
            limit.rlim_cur = rlim_t(next)
            setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
            guard await scene.acquire(host: "127.1") == "connection" else { exit(3) }
            for _ in 0..<2_000 {
                if await scene.lane.run({ scene.user.failures.count }) == 1 { exit(0) }
                usleep(2_000)
            }
            exit(4)
        }
    }

    @Test func `a pool that is dropped while a reset runs does no harm`() async {
        await #expect(processExitsWith: .success) {
            let server = ScriptedServer()
            let lane = Lane.started()
            final class Holder: @unchecked Sendable {
                var pool: ServerPool?
                var connection: ServerConnection?
            }
            let holder = Holder()
            let user = RecordingUser()
            await lane.run {
                let pool = ServerPool(
                    lane: lane,
                    settings: PoolSettings(
                        connectionsPerNode: 5, idleConnections: 5, connectTimeoutMilliseconds: 5_000),
                    resolver: Resolver(), attributes: [], onTrouble: { _ in })
                holder.pool = pool
                if case .connection(let made) = pool.acquire(
                    server.entry(), epoch: 1, account: PoolScene.account, traits: PoolScene.traits, isReadOnly: false,
                    hasSchema: false,
                    for: user)
                {
                    holder.connection = made
                }
            }
            let peer = server.acceptAndLogIn()
            _ = peer.packet()
            peer.send(framed(1, okPayload()))
            while await !lane.run({ holder.connection?.isInSync == true && holder.connection?.isReady == true }) {
                usleep(2_000)
            }
            await lane.run {
                holder.connection?.taint()
                holder.connection?.release()
                holder.connection = nil
                holder.pool?.drain()
                holder.pool = nil
            }
            _ = peer.packet()
            _ = peer.packet()
            peer.send(framed(1, okPayload()) + framed(1, okPayload()))
            peer.close()
            for _ in 0..<20 {
                await lane.run {}
                usleep(2_000)
            }
            exit(0)
        }
    }
}
