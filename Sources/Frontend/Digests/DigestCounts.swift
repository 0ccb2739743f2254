// What is counted of the executions of one digest.

/// Where a statement ran.
package enum DigestPlace: String, Sendable {
    /// Nowhere: the proxy answered itself, or refused it before it was sent.
    case proxy
    case primary
    case replica
}

/// One statement, for its entry.
struct DigestSample {
    var microseconds: UInt64 = 0
    var rows: UInt64 = 0
    var affectedRows: UInt64 = 0
    var bytes: UInt64 = 0
    var place = DigestPlace.proxy
    var failed = false
    var pinned = false
}

/// Sums over statements.
package struct DigestCounts: Sendable, Equatable {
    /// Statements that ended, in whatever way.
    package var statements: UInt64 = 0
    /// Of those, the ones that ended in an error, or with their client.
    package var errors: UInt64 = 0
    /// Rows of results, and rows that statements say they changed.
    package var rows: UInt64 = 0
    package var affectedRows: UInt64 = 0
    /// Bytes of replies.
    package var bytes: UInt64 = 0
    /// Statements that ran on the primary, and on replicas. The others were answered by the proxy, or never sent.
    package var onPrimary: UInt64 = 0
    package var onReplicas: UInt64 = 0
    /// Statements that pinned their session.
    package var pins: UInt64 = 0
    /// From the statement's arrival to its last byte, waits included.
    package var microseconds: UInt64 = 0
    package var longestMicroseconds: UInt64 = 0

    /// None yet.
    package init() {}

    mutating func add(_ sample: DigestSample) {
        statements &+= 1
        if sample.failed { errors &+= 1 }
        rows &+= sample.rows
        affectedRows &+= sample.affectedRows
        bytes &+= sample.bytes
        switch sample.place {
        case .primary: onPrimary &+= 1
        case .replica: onReplicas &+= 1
        case .proxy: break
        }
        if sample.pinned { pins &+= 1 }
        microseconds &+= sample.microseconds
        if sample.microseconds > longestMicroseconds { longestMicroseconds = sample.microseconds }
    }

    /// Adds what was counted elsewhere.
    package mutating func add(_ other: DigestCounts) {
        statements &+= other.statements
        errors &+= other.errors
        rows &+= other.rows
        affectedRows &+= other.affectedRows
        bytes &+= other.bytes
        onPrimary &+= other.onPrimary
        onReplicas &+= other.onReplicas
        pins &+= other.pins
        microseconds &+= other.microseconds
        longestMicroseconds = max(longestMicroseconds, other.longestMicroseconds)
    }
}
