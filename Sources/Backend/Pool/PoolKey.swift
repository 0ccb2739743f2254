// What two sessions must have in common to use the same server connection, one after the other.
internal import Topology

/// Node, account and what the handshake fixed.
struct PoolKey: Hashable, Sendable {
    let node: NodeID
    let account: BackendAccount
    let traits: ConnectionTraits
}
