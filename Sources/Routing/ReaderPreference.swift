// Which of the readers that fit are preferred: those of near zones, and those that are well.
package import Topology

/// Narrows a set of readers that may serve a read. It never makes a set empty: what it knows is a preference. A value that
/// each lane feeds with its table and its clock.
///
/// The rule: readers that were ejected, or that no connection can be made to, are left out while others fit; those that
/// come back after an ejection are left out of a share of the reads. Of the rest, those of the proxy's own zone are
/// preferred, then those of the zones in their order, then any. So a read leaves a zone when no reader there fits, is
/// well, or has room.
package struct ReaderPreference: Sendable {
    /// The own zone and the others in their order, without those that no node is in: bit i for entry i.
    private var nearest: UInt64 = .max
    private var further: ContiguousArray<UInt64> = []
    private let zones: [String]
    private var shunned: UInt64 = 0
    private var returning: UInt64 = 0
    /// The percentage of its reads that each returning entry is to get.
    private var shares: [Int] = []

    /// - Parameters:
    ///   - zone: the proxy's own; nil for none.
    ///   - order: the zones that come next, the nearest first.
    package init(zone: String? = nil, order: [String] = []) {
        zones = (zone.map { [$0] } ?? []) + order.filter { $0 != zone }
    }

    /// A newer table: who is in which zone now.
    package mutating func adopt(_ table: RoutingTable, nowMilliseconds: UInt64) {
        let tiers = zones.compactMap { zone -> UInt64? in
            var tier: UInt64 = 0
            for (index, entry) in table.entries.prefix(Balancer.nodesMaximum).enumerated() where entry.zone == zone {
                tier |= 1 << UInt64(index)
            }
            return tier == 0 ? nil : tier
        }
        nearest = tiers.first ?? .max
        further = ContiguousArray(tiers.dropFirst())
        look(at: table, nowMilliseconds: nowMilliseconds)
    }

    /// Who is well now. Ejections begin and end without a new table.
    package mutating func look(at table: RoutingTable, nowMilliseconds: UInt64) {
        (shunned, returning) = table.shunnedReaders(nowMilliseconds: nowMilliseconds)
        guard returning != 0 else { return }
        shares = table.entries.prefix(Balancer.nodesMaximum).indices.map {
            table.readSharePercent($0, nowMilliseconds: nowMilliseconds)
        }
    }

    /// The preferred ones of these candidates; empty only if they are.
    package func preferred(_ candidates: UInt64, random: inout LaneRandom) -> UInt64 {
        let well = candidates & ~shunned
        guard well & returning == 0 else {
            let present = withoutAbsent(well, &random)
            return nearest(of: present != 0 ? present : well)
        }
        return nearest(of: well != 0 ? well : candidates)
    }

    /// Those that are preferred when nobody is returning: for explanations.
    package func preferred(_ candidates: UInt64) -> UInt64 {
        let well = candidates & ~shunned
        return nearest(of: well != 0 ? well : candidates)
    }

    /// Whether an entry is left out while others fit.
    package func shuns(_ index: Int) -> Bool { index < Balancer.nodesMaximum && shunned & (1 << UInt64(index)) != 0 }

    /// Of the first zone that any of them is in; all of them if they are in none.
    private func nearest(of set: UInt64) -> UInt64 {
        let near = set & nearest
        guard near == 0 else { return near }
        for tier in further where set & tier != 0 { return set & tier }
        return set
    }

    /// Without those returning ones whose turn it is not.
    private func withoutAbsent(_ set: UInt64, _ random: inout LaneRandom) -> UInt64 {
        var (present, rest) = (set, set & returning)
        while rest != 0 {
            let index = rest.trailingZeroBitCount
            rest &= rest - 1
            if random.next(below: 100) >= shares[index] { present &= ~(1 << UInt64(index)) }
        }
        return present
    }
}
