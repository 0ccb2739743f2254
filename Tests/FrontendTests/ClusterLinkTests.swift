// What goes on when a cluster gets other settings.
import Backend
import Testing
import Topology

@testable import Frontend

@Suite struct ClusterLinkTests {
    @Test func `other settings change nothing of what is known of commits`() {
        let settings = SessionSettings(
            holdTimeoutMilliseconds: 1_000, waitingClients: 1, packetBytes: 1, idleTimeoutMilliseconds: 0,
            loginTimeoutMilliseconds: 1, clients: 1)
        let pool = PoolSettings(connectionsPerNode: 1, idleConnections: 1, connectTimeoutMilliseconds: 1)
        let link = ClusterLink(name: "c", settings: settings, poolSettings: pool, probeNow: { _ in })
        let next = ClusterLink(link, settings: settings, poolSettings: pool)
        #expect(next.ledgers === link.ledgers, "a ledger begun anew would take a commit in doubt for acknowledged")
        #expect(next.newest === link.newest && next.outcomes === link.outcomes)
    }
}
