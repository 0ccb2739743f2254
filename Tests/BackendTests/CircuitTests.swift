// Nodes to which no connection can be made: one attempt is made for all, and nobody waits for the same timeout again.
import Testing
import Topology
import Wire

@testable import Backend
@testable import Network

@Suite struct CircuitTests {
    /// Connections that the server closes in the middle of the login, until the circuit is open.
    private func openCircuit(_ scene: PoolScene) async {
        for attempt in 1...HealthLimits.connectFailuresInARow {
            #expect(await scene.acquire() == "connection")
            scene.server.accept().close()
            await scene.lane.expectEventually { scene.user.failures.count == attempt }
        }
    }

    /// The next attempt is far away, however long the test takes.
    private func postpone(_ scene: PoolScene) async {
        await scene.lane.run { scene.load.connectFailed(nowMilliseconds: scene.lane.nowMilliseconds + 1_000_000) }
    }

    /// Does what the pool's lane does about every 50 ms, more than once at each time, until an attempt is made.
    private func sweepUntilTried(_ scene: PoolScene) async {
        await scene.lane.expectEventually {
            for _ in 0..<3 { scene.pool.sweep(nowMilliseconds: scene.lane.nowMilliseconds) }
            return !scene.pool.connections.isEmpty
        }
        await scene.lane.expect { scene.pool.connections.count == 1 }
    }

    private func publish(_ scene: PoolScene) async {
        await scene.lane.run {
            var entry = scene.server.entry(load: scene.load)
            entry.role = .primary
            scene.pool.tablePublished(
                RoutingTable(
                    cluster: "c", version: 1, epoch: 3, gate: .open(epoch: 3, primary: entry.id), entries: [entry],
                    publishedUnixMilliseconds: 0))
        }
    }

    @Test func `after so many failures no session tries itself`() async {
        let scene = PoolScene()
        await openCircuit(scene)
        await postpone(scene)
        let reason = await scene.acquire()
        #expect(reason.contains("failed \(HealthLimits.connectFailuresInARow) times in a row"), "\(reason)")
        #expect(scene.server.nobodyWaits)
        await scene.lane.expect { scene.load.connections == 0 && scene.pool.connections.isEmpty }
    }

    @Test func `an attempt is made for nobody in particular, and ends it`() async {
        let scene = PoolScene()
        await openCircuit(scene)
        await publish(scene)
        await sweepUntilTried(scene)
        #expect(scene.load.health.isCircuitOpen)
        let peer = scene.server.acceptAndLogIn()
        _ = peer.packet()
        peer.send(framed(1, okPayload()))
        await scene.lane.expectEventually { scene.pool.idleConnections == 1 }
        #expect(!scene.load.health.isCircuitOpen)
        #expect(await scene.acquire() == "connection")
        await scene.lane.expect { scene.connection?.isReady == true && scene.pool.idleConnections == 0 }
        peer.close()
    }

    @Test func `one attempt at a time is made, and its failure is no session's`() async {
        let scene = PoolScene()
        await openCircuit(scene)
        await publish(scene)
        await sweepUntilTried(scene)
        scene.server.accept().close()
        await scene.lane.expectEventually { scene.pool.connections.isEmpty }
        await scene.lane.expect { scene.user.failures.count == HealthLimits.connectFailuresInARow }
        #expect(scene.load.health.isCircuitOpen)
    }

    @Test func `a refused login is an answer, so it opens nothing`() async {
        let scene = PoolScene()
        for attempt in 1...HealthLimits.connectFailuresInARow + 1 {
            #expect(await scene.acquire() == "connection")
            let peer = scene.server.accept()
            peer.send(framed(0, greeting()))
            _ = peer.packet()
            peer.send(framed(2, errorPayload(1045, "Access denied")))
            await scene.lane.expectEventually { scene.user.failures.count == attempt }
            peer.close()
        }
        #expect(!scene.load.health.isCircuitOpen && scene.load.health.circuitOpenings == 0)
    }

    @Test func `a KILL is tried in any case`() async {
        let scene = PoolScene()
        await openCircuit(scene)
        let isTried = await scene.lane.run { () -> Bool in
            let acquisition = scene.pool.acquire(
                scene.server.entry(load: scene.load), epoch: 3, account: PoolScene.account, traits: PoolScene.traits,
                isReadOnly: false, hasSchema: false, beyondLimit: 4, for: scene.user)
            if case .connection = acquisition { return true }
            return false
        }
        #expect(isTried)
        scene.server.accept().close()
    }

    @Test func `an idle connection is given out whatever happens to new ones`() async {
        let scene = PoolScene()
        let peer = await scene.ready()
        await scene.lane.run { scene.connection?.release() }
        await scene.lane.expectEventually { scene.pool.idleConnections == 1 }
        for _ in 0..<HealthLimits.connectFailuresInARow { await postpone(scene) }
        #expect(await scene.acquire() == "connection")
        #expect(await scene.acquire(RecordingUser()) != "connection")
        peer.close()
    }
}
