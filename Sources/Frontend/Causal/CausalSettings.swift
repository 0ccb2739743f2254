// How far a session's reads look back: what the settings and the session itself can choose.

/// What a read on a replica must have seen.
package enum CausalMode: String, Sendable, CaseIterable {
    /// Nothing: any replica will do.
    case none
    /// What its session wrote, and what it read before.
    case session
    /// That, and every write that was acknowledged through this process before the read began.
    case global
}

/// The choices of a listener, with which its sessions begin.
package struct CausalSettings: Sendable, Equatable {
    /// What reads must have seen.
    package var mode = CausalMode.session
    /// How long a read may wait for a replica to have seen it; 0 for never.
    package var timeoutMilliseconds: UInt64 = 50

    /// The usual ones.
    package init() {}

    /// Settings by value.
    package init(mode: CausalMode, timeoutMilliseconds: UInt64) {
        self.mode = mode
        self.timeoutMilliseconds = timeoutMilliseconds
    }
}
