// What two sessions must have in common to use the same server connection, one after the other.
internal import Topology

/// Node, account and what the handshake fixed.
struct PoolKey: Hashable, Sendable {
    let node: NodeID
    let account: BackendAccount
    let traits: ConnectionTraits
    /// Whether its transactions are read-only: a write that was taken for a read is then refused by the server itself,
    /// also for accounts that `read_only` does not bind.
    let isReadOnly: Bool
    /// The client's address, when nodes are told it beneath the MySQL protocol; otherwise empty.
    var clientHost = ""
}
