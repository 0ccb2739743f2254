// How the sessions of a listener, or of a user, behave until they say otherwise.
package import Routing

/// Bounds that a session sets to what it reads and how long that takes.
package struct SessionLimits: Sendable, Equatable {
    /// A replica further behind than this serves no reads of the session; nil for the cluster's own limit only.
    package var maxLagMilliseconds: UInt64?
    /// So many replicas serve reads even when they are further behind: those that are the least.
    package var minReaders: Int
    /// A statement that takes longer is ended; 0 for never.
    package var timeoutMilliseconds: UInt64

    /// Limits by their parts.
    package init(maxLagMilliseconds: UInt64? = nil, minReaders: Int = 0, timeoutMilliseconds: UInt64 = 0) {
        self.maxLagMilliseconds = maxLagMilliseconds
        self.minReaders = minReaders
        self.timeoutMilliseconds = timeoutMilliseconds
    }
}

/// What a session begins with, and goes back to when it is reset.
package struct SessionPolicy: Sendable, Equatable {
    /// Where its statements go.
    package var mode: RoutingMode
    /// Whether comments in its statements may ask for something.
    package var hints: Bool
    /// Its bounds.
    package var limits: SessionLimits

    /// A policy by its parts.
    package init(mode: RoutingMode = .split, hints: Bool = true, limits: SessionLimits = SessionLimits()) {
        self.mode = mode
        self.hints = hints
        self.limits = limits
    }

    /// The policy for a user of whom the settings say something. What a listener of mode `replica` promises stays.
    package func with(_ user: UserPolicy?) -> SessionPolicy {
        guard let user else { return self }
        var policy = self
        if mode != .replica, let mode = user.mode { policy.mode = mode }
        if let limit = user.maxLagMilliseconds { policy.limits.maxLagMilliseconds = limit }
        if let timeout = user.timeoutMilliseconds { policy.limits.timeoutMilliseconds = timeout }
        return policy
    }
}

/// What the settings say of one user's sessions; nil for what the listener says.
package struct UserPolicy: Sendable, Equatable {
    package var mode: RoutingMode?
    package var maxLagMilliseconds: UInt64?
    package var timeoutMilliseconds: UInt64?

    /// A policy by its parts.
    package init(mode: RoutingMode? = nil, maxLagMilliseconds: UInt64? = nil, timeoutMilliseconds: UInt64? = nil) {
        self.mode = mode
        self.maxLagMilliseconds = maxLagMilliseconds
        self.timeoutMilliseconds = timeoutMilliseconds
    }
}
