// Who is short of connections to which node: said by lanes whose sessions wait, heard by those whose sessions have some.
internal import Synchronization
internal import Topology

/// Connections that waiting statements want, by node and lane. Shared by the lanes of one cluster.
final class ConnectionWants: Sendable {
    /// What one lane wants of one node.
    struct Want: Equatable {
        let lane: Int
        let count: Int
        /// Monotonic milliseconds at which the first in line began to wait.
        let since: UInt64
        /// Whether it is not the node's own limit that is reached: then any connection helps.
        let isAnyNode: Bool
        /// Whose account's own limit is reached, when nothing else is.
        var user: String?
    }

    private let wants = Mutex<[NodeID: [Want]]>([:])
    private let any = Atomic<Bool>(false)

    /// Whether anybody wants anything: one relaxed read, for the data path.
    var isAny: Bool { any.load(ordering: .relaxed) }

    /// The wants now.
    var all: [NodeID: [Want]] { wants.withLock { $0 } }

    /// What a lane wants of a node from now on; a count of 0 is nothing.
    func update(_ node: NodeID, _ want: Want) {
        wants.withLock { wants in
            var list = wants[node] ?? []
            list.removeAll { $0.lane == want.lane }
            if want.count > 0 { list.append(want) }
            wants[node] = list.isEmpty ? nil : list
            any.store(!wants.isEmpty, ordering: .relaxed)
        }
    }

    /// The want of another lane whose first in line waits longest.
    func longest(at node: NodeID, but lane: Int) -> Want? {
        guard isAny else { return nil }
        return wants.withLock { wants in
            (wants[node] ?? []).filter { $0.lane != lane }.min { $0.since < $1.since }
        }
    }
}
