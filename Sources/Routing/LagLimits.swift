// Limits of lag, with hysteresis: a node that passed a limit is used again only well below it.
package import Topology

/// For each limit in use, which nodes are beyond it. A value; fed with every routing table.
package struct LagLimits: Sendable {
    /// A node that passed a limit is used again when it is behind by less than this share of it: a lag that sways around the
    /// limit would send reads to and fro.
    package static let returnFraction = 0.8
    /// Limits that are remembered at once. Those of listeners and users are few; hints may name any number, and what is
    /// not remembered is judged without hysteresis.
    package static let limitsMaximum = 32

    private struct Limit {
        let milliseconds: UInt64
        /// Bit i: entry i is beyond it.
        var beyond: UInt64
    }

    private var limits: [Limit] = []
    /// What is known of each entry; nil where nobody knows.
    private var lags: [Int?] = []

    /// No limit yet, and no node.
    package init() {}

    /// A newer table: who is beyond which limit now.
    package mutating func adopt(_ table: RoutingTable) {
        lags = table.entries.prefix(Balancer.nodesMaximum).map(\.lagMilliseconds)
        for index in limits.indices {
            limits[index].beyond = beyond(limits[index].milliseconds, before: limits[index].beyond)
        }
    }

    /// The nodes of `candidates` that are within the limit.
    ///
    /// - Parameter minimum: that many are kept in any case, the least behind of those whose lag is known.
    package mutating func within(_ milliseconds: UInt64, _ candidates: UInt64, atLeast minimum: Int) -> UInt64 {
        let fit = candidates & ~nodesBeyond(milliseconds)
        return fit.nonzeroBitCount >= minimum ? fit : completed(fit, candidates, minimum)
    }

    private mutating func nodesBeyond(_ milliseconds: UInt64) -> UInt64 {
        if let known = limits.first(where: { $0.milliseconds == milliseconds }) { return known.beyond }
        let found = beyond(milliseconds, before: 0)
        if limits.count < Self.limitsMaximum { limits.append(Limit(milliseconds: milliseconds, beyond: found)) }
        return found
    }

    private func beyond(_ milliseconds: UInt64, before: UInt64) -> UInt64 {
        var set: UInt64 = 0
        let returning = Double(milliseconds) * Self.returnFraction
        for (index, lag) in lags.enumerated() {
            let bit = UInt64(1) << UInt64(index)
            // An unknown lag is not a small one.
            guard let lag else {
                set |= bit
                continue
            }
            // Below the share, or at no lag at all, which no share is below of.
            let isBeyond = before & bit != 0 ? Double(lag) >= returning && lag > 0 : lag > Int(clamping: milliseconds)
            if isBeyond { set |= bit }
        }
        return set
    }

    private func completed(_ fit: UInt64, _ candidates: UInt64, _ minimum: Int) -> UInt64 {
        var fit = fit
        let others = lags.indices.filter { candidates & ~fit & (1 << UInt64($0)) != 0 && lags[$0] != nil }
        for index in others.sorted(by: { (lags[$0] ?? 0, $0) < (lags[$1] ?? 0, $1) }) {
            guard fit.nonzeroBitCount < minimum else { break }
            fit |= 1 << UInt64(index)
        }
        return fit
    }
}
