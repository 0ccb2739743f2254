// Who is short of connections to which node: said by lanes whose sessions wait, heard by those whose sessions have some.
internal import Backend
internal import Synchronization
internal import Topology

/// Connections that waiting statements want, by node and lane. Shared by the lanes of one cluster.
final class ConnectionWants: Sendable {
    /// What one lane wants of one node: for all who wait for anybody's connection, or for those of one account.
    struct Want: Equatable {
        let lane: Int
        var count: Int
        /// Those who wait for it.
        let line: LaneShares.Line
        /// The limit that is reached.
        let limit: ConnectionLimit
        /// Whose account's own limit that is: no other account's connection helps then.
        var user: String?

        /// Whether it is not the node's own limit that is reached: then any connection helps.
        var isAnyNode: Bool { limit.isOfProcess }

        /// Whether the place of a connection of this account helps.
        func isServed(by account: String) -> Bool { user == nil || user == account }
    }

    private let wants = Mutex<[NodeID: [Want]]>([:])
    private let any = Atomic<Bool>(false)

    /// Whether anybody wants anything: one relaxed read, for the data path.
    var isAny: Bool { any.load(ordering: .relaxed) }

    /// The wants now.
    var all: [NodeID: [Want]] { wants.withLock { $0 } }

    /// All that a lane wants of a node from now on.
    func update(_ node: NodeID, lane: Int, _ present: [Want]) {
        wants.withLock { wants in
            var list = wants.removeValue(forKey: node) ?? []
            list.removeAll { $0.lane == lane }
            list += present
            if !list.isEmpty { wants[node] = list }
            any.store(!wants.isEmpty, ordering: .relaxed)
        }
    }

    /// What the other lanes want of a node, who waits longest first.
    func others(at node: NodeID, but lane: Int) -> [Want] {
        guard isAny else { return [] }
        return wants.withLock { wants in
            (wants[node] ?? []).filter { $0.lane != lane }.sorted { $0.line.since < $1.line.since }
        }
    }

    /// The want of another lane whose first in line waits longest for what a connection of this account, or its place, gives.
    func longest(at node: NodeID, but lane: Int, account: String) -> Want? {
        others(at: node, but: lane).first { $0.isServed(by: account) }
    }
}
