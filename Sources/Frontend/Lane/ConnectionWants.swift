// Who is short of connections to which node: said by lanes that have to wait, heard by those whose sessions idle.
internal import Synchronization
internal import Topology

/// Connections that waiting statements want, by node. Shared by the lanes of one cluster.
///
/// It is a hint: a want that was satisfied elsewhere costs one connection given back too early.
final class ConnectionWants: Sendable {
    private let wants = Mutex<[NodeID: Int]>([:])
    private let any = Atomic<Bool>(false)

    /// Whether anybody wants anything: one relaxed read, for the data path.
    var isAny: Bool { any.load(ordering: .relaxed) }

    /// The wants now.
    var all: [NodeID: Int] { wants.withLock { $0 } }

    /// One more connection to `node` is wanted, by one of at most `waiting` statements.
    func want(_ node: NodeID, waiting: Int) {
        wants.withLock { $0[node] = min(($0[node] ?? 0) + 1, max(waiting, 1)) }
        any.store(true, ordering: .relaxed)
    }

    /// So many connections to `node` were given back.
    func satisfied(_ node: NodeID, _ count: Int) {
        wants.withLock { wants in
            let left = (wants[node] ?? 0) - count
            wants[node] = left > 0 ? left : nil
            any.store(!wants.isEmpty, ordering: .relaxed)
        }
    }

    /// Nobody waits any more.
    func clear() {
        guard isAny else { return }
        wants.withLock { wants in
            wants = [:]
            any.store(false, ordering: .relaxed)
        }
    }
}
