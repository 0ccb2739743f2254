// Leases: limits, reuse after a reset, idle connections and their end.
import Glibc
import Network
import Testing
import Topology
import Wire

@testable import Backend

@Suite struct ServerPoolTests {
    /// Returns the lease and answers the reset.
    private func release(_ scene: PoolScene, _ peer: ScriptedPeer) async {
        await scene.lane.run { scene.connection?.release() }
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

    @Test func `a connection that is still being reset is not given out`() async {
        let scene = PoolScene()
        let peer = await scene.ready()
        await scene.lane.run { scene.connection?.release() }
        #expect(peer.packet() == [CommandCode.resetConnection.rawValue])
        _ = await scene.acquire()
        let second = scene.server.acceptAndLogIn()
        #expect(second.command()?.0 == 3)
        await scene.lane.expect { scene.pool.connections.count == 2 }
    }

    @Test func `a refused reset closes the connection`() async {
        let scene = PoolScene()
        let peer = await scene.ready()
        await scene.lane.run { scene.connection?.release() }
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
        await scene.lane.run { scene.connection?.release() }
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
