// Where a statement goes, and why: a value made once per statement.

/// How a listener's sessions are routed.
@usableFromInline package enum RoutingMode: String, Sendable {
    /// Reads spread over the replicas, everything else goes to the primary.
    case split
    /// Everything goes to the primary.
    case primary
    /// Everything goes to one replica.
    case replica

    /// Inlined across targets, which the compiler's own is not.
    @inlinable package static func == (one: Self, other: Self) -> Bool {
        unsafeBitCast(one, to: UInt8.self) == unsafeBitCast(other, to: UInt8.self)
    }
}

/// Which kind of connection runs a statement.
@usableFromInline package enum RouteTarget: String, Sendable {
    /// The session's main connection: to the primary (in mode `replica`, to its replica).
    case main
    /// Any node that may serve this session's reads.
    case reader
    /// The connection in whose transaction the session is.
    case transaction
    /// The connection that ran the session's last statement.
    case previous
    /// Any connection the session has, else as a read.
    case anyAttached

    /// Inlined across targets, which the compiler's own is not.
    @inlinable package static func == (one: Self, other: Self) -> Bool {
        unsafeBitCast(one, to: UInt8.self) == unsafeBitCast(other, to: UInt8.self)
    }
}

/// Why a statement goes where it goes.
@usableFromInline package enum RoutingReason: UInt8, Sendable, CaseIterable {
    case pureRead
    case listenerSendsToPrimary
    case listenerSendsToReplica
    case insideTransaction
    case pinned
    case readsPinnedUserVariables
    case readsLastInsertID
    case asksAboutTheServer
    case touchesUserLocks
    case serializableIsolation
    case asksAboutLastStatement
    case changesSessionState
    case beginsReadOnlyTransaction
    case transactionControl
    case endsNoTransaction
    case notProvablyARead
    case hinted

    /// The reason in plain words.
    package var text: String {
        switch self {
        case .pureRead: "a pure read"
        case .listenerSendsToPrimary: "the listener's mode is primary"
        case .listenerSendsToReplica: "the listener's mode is replica"
        case .insideTransaction: "a transaction is open on this connection"
        case .pinned: "the session is pinned to its connection"
        case .readsPinnedUserVariables: "reads user variables that were assigned on the main connection"
        case .readsLastInsertID: "reads LAST_INSERT_ID, which the primary's connection knows"
        case .asksAboutTheServer: "asks whether the server is writable, or which one it is"
        case .touchesUserLocks: "touches user-level locks, which the primary keeps"
        case .serializableIsolation: "reads at SERIALIZABLE take locks"
        case .asksAboutLastStatement: "asks about the statement before it"
        case .changesSessionState: "changes session state, which is carried to every connection of the session"
        case .beginsReadOnlyTransaction: "begins a read-only transaction"
        case .transactionControl: "begins or ends a transaction"
        case .endsNoTransaction: "ends a transaction, but none is open"
        case .notProvablyARead: "not provably a pure read"
        case .hinted: "a hint in the statement asks for it"
        }
    }

    /// Inlined across targets, which the compiler's own is not.
    @inlinable package static func == (one: Self, other: Self) -> Bool {
        unsafeBitCast(one, to: UInt8.self) == unsafeBitCast(other, to: UInt8.self)
    }
}

/// The outcome of `Router.decide`.
package struct RoutingDecision: Sendable, Equatable {
    /// Which kind of connection.
    package let target: RouteTarget
    /// Why.
    package let reason: RoutingReason
    /// Whether the statement is free of side effects, so that it may be sent again elsewhere while the client has not seen
    /// a byte of its answer.
    package let isRepeatable: Bool

    /// A decision by hand, for commands that carry no SQL.
    package init(target: RouteTarget, reason: RoutingReason, isRepeatable: Bool) {
        self.target = target
        self.reason = reason
        self.isRepeatable = isRepeatable
    }
}
