// Users whose writes a read-only server takes: of them the gate alone keeps a former primary free.
internal import Synchronization

/// Those with SUPER or READ ONLY ADMIN, as the primary's grants say. Of a user with several accounts one is enough: what is
/// done for them harms nobody else.
package final class UnboundUsers: Sendable {
    private let names = Mutex<Set<String>>([])

    /// None are known yet.
    package init() {}

    /// The grants were read.
    package func replace(_ users: Set<String>) { names.withLock { $0 = users } }

    /// Asked when a gate closes, not for each query.
    func contains(_ user: String) -> Bool { names.withLock { $0.contains(user) } }
}
