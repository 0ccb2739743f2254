// For how long a session keeps a connection that others wait for, because of the warnings on it. A pure value.

/// The time since others began to wait for the connection that has a session's last warnings, errors and row counts.
struct KeptDiagnostics {
    /// Lane milliseconds at which it was first wanted in vain; 0 for not yet.
    private var sinceMilliseconds: UInt64 = 0
    private var askedMilliseconds: UInt64 = 0

    /// Others wait for it: whether it is kept all the same. A session that causes warnings again and again is no exception.
    mutating func keeps(lastActiveMilliseconds: UInt64, nowMilliseconds: UInt64) -> Bool {
        let limit = FrontendLimits.keptDiagnosticsMilliseconds
        // Who waits asks about every sweep: whoever asked before is served meanwhile.
        if sinceMilliseconds == 0 || nowMilliseconds > askedMilliseconds + limit {
            sinceMilliseconds = max(nowMilliseconds, 1)
        }
        askedMilliseconds = nowMilliseconds
        return nowMilliseconds < min(sinceMilliseconds, lastActiveMilliseconds) + limit
    }

    /// The connection was given back: the next one is kept for a time of its own.
    mutating func gaveBack() { sinceMilliseconds = 0 }
}
