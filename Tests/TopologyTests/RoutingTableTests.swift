// What two tables of a cluster have in common.
import Testing

@testable import Topology

@Suite struct RoutingTableTests {
    private func table(
        epoch: UInt64 = 3, pause: ClusterPause? = nil, gate: Gate? = nil,
        _ change: (inout [RoutingEntry]) -> Void = { _ in }
    ) -> RoutingTable {
        var entries = ["a", "b"].enumerated().map { index, name in
            RoutingEntry(
                member: ClusterMember(id: NodeID(index: index), name: name, address: .tcp(host: name, port: 3306)),
                nowUnixMilliseconds: 1)
        }
        entries[0].role = .primary
        entries[0].acceptsWrites = true
        change(&entries)
        return RoutingTable(
            cluster: "main", version: 1, epoch: epoch,
            gate: gate ?? .open(epoch: epoch, primary: NodeID(index: 0)), pause: pause, entries: entries,
            publishedUnixMilliseconds: 1)
    }

    @Test func `tables that differ in how far nodes are send alike`() {
        let later = table {
            $0[0].gtid = "0-10-101"
            $0[0].gtidLogged = "0-10-101"
            $0[1].gtid = "0-10-100"
            $0[1].lagMilliseconds = 40
            $0[1].reason = "40 ms behind"
        }
        #expect(later.sendsAlike(table()) && table().sendsAlike(later))
    }

    @Test(
        arguments: [
            { $0[1].acceptsReads = true }, { $0[0].acceptsWrites = false }, { $0[0].state = .down },
            { $0[1].role = .primary }, { $0[1].moves = 1 }, { $0[0].isUnseen = true }, { $0[1].weight = 7 },
            { $0[0].address = .tcp(host: "c", port: 1) }, { $0[1].flavor = .mySQL }, { $0[1].capabilities = 1 },
            { $0.removeLast() },
        ] as [@Sendable (inout [RoutingEntry]) -> Void])
    func `tables that differ in what serves do not`(change: @Sendable (inout [RoutingEntry]) -> Void) {
        #expect(!table(change).sendsAlike(table()) && !table().sendsAlike(table(change)))
    }

    @Test func `another reign, a gate that closes and a pause are something else to everybody`() {
        let closed = Gate.closed(reason: "the primary is down", sinceUnixMilliseconds: 1)
        let pause = ClusterPause(
            order: AdminOrder(user: "admin", connectionID: 1, unixMilliseconds: 1), seconds: 5, nowMilliseconds: 1)
        for other in [table(epoch: 4), table(gate: closed), table(pause: pause)] {
            #expect(!other.sendsAlike(table()) && !table().sendsAlike(other))
        }
    }
}
