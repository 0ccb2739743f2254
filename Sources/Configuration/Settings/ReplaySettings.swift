// What becomes of a transaction that is interrupted by a change of the primary.

/// How interrupted transactions are replayed.
package struct ReplaySettings: Sendable, Equatable {
    /// Whether they are done again on the next primary.
    package var isOn = true
    /// The bytes kept of one transaction for that: its statements, and a checksum of each reply.
    package var limitBytes = 1 << 20
    /// How often one transaction is replayed, at least once.
    package var attempts = 3
    /// Whether a transaction that a deadlock rolled back is replayed too.
    package var retriesDeadlocks = false

    /// The defaults, as `config/complete.yaml` documents them.
    package init() {}
}
