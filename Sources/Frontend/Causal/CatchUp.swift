// How long a replica takes to have what the primary has committed, learned from waits. A pure machine.

/// The expectation of one replica, on one lane.
struct CatchUp {
    private var milliseconds = 0.0
    private var notedAtMilliseconds: UInt64 = 0

    /// A replica that is halfway known counts as this much closer with each second: what was too slow once is tried again.
    static let halfLifeMilliseconds = 1_000.0
    /// The share of a new sample.
    static let sampleWeight = 0.25
    /// A wait in vain says only that it takes longer; it is taken for this many times as long.
    static let timeoutFactor = 2.0

    /// How long it would take for what is committed now.
    func expected(nowMilliseconds: UInt64) -> Double {
        guard nowMilliseconds > notedAtMilliseconds else { return milliseconds }
        let halvings = Double(nowMilliseconds - notedAtMilliseconds) / Self.halfLifeMilliseconds
        return halvings >= 32 ? 0 : milliseconds / Double(UInt64(1) << UInt64(halvings))
    }

    /// How long it will take for what was committed `ageMilliseconds` ago.
    ///
    /// - Parameter lag: what probes say of the replica; nil when they say nothing.
    func expected(ageMilliseconds: UInt64, lag: Int?, nowMilliseconds: UInt64) -> Double {
        var whole = expected(nowMilliseconds: nowMilliseconds)
        // A smaller lag is within what probes cannot tell from none.
        if let lag, lag >= FrontendLimits.certainLagMilliseconds { whole = max(whole, Double(lag)) }
        return max(0, whole - Double(ageMilliseconds))
    }

    /// A wait ended well: the position had this age when the wait began, and was there after `waited`.
    mutating func arrived(ageMilliseconds: UInt64, waited: Double, nowMilliseconds: UInt64) {
        let known = expected(nowMilliseconds: nowMilliseconds)
        // What was there at once was there for nobody knows how long.
        let sample = waited < 1 ? min(known, Double(ageMilliseconds)) : Double(ageMilliseconds) + waited
        milliseconds = known + (sample - known) * Self.sampleWeight
        notedAtMilliseconds = nowMilliseconds
    }

    /// A wait was in vain.
    mutating func missed(ageMilliseconds: UInt64, waited: Double, nowMilliseconds: UInt64) {
        let sample = (Double(ageMilliseconds) + waited) * Self.timeoutFactor
        milliseconds = max(expected(nowMilliseconds: nowMilliseconds), sample)
        notedAtMilliseconds = nowMilliseconds
    }
}
