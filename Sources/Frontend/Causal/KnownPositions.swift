// What one lane knows of how far each node is: from probes, and from waits that ended well. A pure machine.
internal import Topology
internal import Wire

/// Positions by the place of their node in the routing table.
struct KnownPositions {
    private struct Node {
        var position: Position?
        var proof: Proof?
        var catchUp = CatchUp()
        var lagMilliseconds: Int?
        /// Whether it can be waited for: where each node numbers for itself, no wait means anything.
        var sharesPositions = true
    }

    /// What a wait showed, and when.
    private struct Proof {
        var position: Position
        var atMilliseconds: UInt64
    }

    private var nodes: [Node] = []
    /// Where the primary is known to be at least.
    private(set) var primary: Position?
    /// When the primary was asked for `primary`, in monotonic milliseconds.
    private(set) var primaryAtMilliseconds: UInt64 = 0

    /// A new table is in force.
    mutating func adopt(_ table: RoutingTable) {
        while nodes.count < table.entries.count { nodes.append(Node()) }
        for (index, entry) in table.entries.enumerated() {
            nodes[index].lagMilliseconds = entry.lagMilliseconds
            nodes[index].sharesPositions = entry.sharesPositions
            let probed = Self.position(of: entry)
            nodes[index].position = probed
            guard let proof = nodes[index].proof else { continue }
            // A probe that is younger than the proof and says less: the node was set back, by RESET MASTER or a backup.
            let isRefuted =
                entry.gtidAskedAtMilliseconds > proof.atMilliseconds && probed?.covers(proof.position) != true
            if isRefuted || probed?.covers(proof.position) == true {
                nodes[index].proof = nil
            } else if var merged = probed {
                merged.merge(proof.position)
                nodes[index].position = merged
            } else {
                nodes[index].proof = nil
            }
        }
        primary = table.primary.flatMap(Self.position(of:))
        primaryAtMilliseconds = table.primary?.gtidAskedAtMilliseconds ?? 0
    }

    static func position(of entry: RoutingEntry) -> Position? {
        guard !entry.gtid.isEmpty else { return nil }
        return try? Position.parse(entry.gtid, flavor: entry.flavor == .mySQL ? .mySQL : .mariaDB)
    }

    /// Those of `readers` that are known to have everything that is needed.
    func covering(_ need: CausalNeed, among readers: UInt64) -> UInt64 {
        if need.isEmpty { return readers }
        var fit: UInt64 = 0
        var rest = readers
        while rest != 0 {
            let index = rest.trailingZeroBitCount
            rest &= rest - 1
            if index < nodes.count, let known = nodes[index].position, need.isCovered(by: known) {
                fit |= 1 << UInt64(index)
            }
        }
        return fit
    }

    /// For how long a node is expected to lack what was committed `ageMilliseconds` ago.
    func expected(_ index: Int, ageMilliseconds: UInt64, nowMilliseconds: UInt64) -> Double {
        guard nodes.indices.contains(index), nodes[index].sharesPositions else { return .infinity }
        return nodes[index].catchUp.expected(
            ageMilliseconds: ageMilliseconds, lag: nodes[index].lagMilliseconds, nowMilliseconds: nowMilliseconds)
    }

    /// A node was waited for and has `position`.
    mutating func arrived(
        _ index: Int, at position: Position, ageMilliseconds: UInt64, waited: Double, nowMilliseconds: UInt64
    ) {
        guard nodes.indices.contains(index) else { return }
        nodes[index].catchUp.arrived(
            ageMilliseconds: ageMilliseconds, waited: waited, nowMilliseconds: nowMilliseconds)
        var proven = position
        if let former = nodes[index].proof { proven.merge(former.position) }
        nodes[index].proof = Proof(position: proven, atMilliseconds: nowMilliseconds)
        if var known = nodes[index].position {
            known.merge(position)
            nodes[index].position = known
        } else {
            nodes[index].position = position
        }
    }

    /// A node was waited for in vain.
    mutating func missed(_ index: Int, ageMilliseconds: UInt64, waited: Double, nowMilliseconds: UInt64) {
        guard nodes.indices.contains(index) else { return }
        nodes[index].catchUp.missed(ageMilliseconds: ageMilliseconds, waited: waited, nowMilliseconds: nowMilliseconds)
    }

    /// A commit's position together with what the primary must have committed before it.
    ///
    /// MySQL names one transaction. Its source numbered all that it committed before with smaller numbers, so what is
    /// between the last known one and this one belongs to it; gaps that are known stay gaps. MariaDB's numbers mean all
    /// before them as they are, within one domain.
    ///
    /// - Parameter isSightOpen: whether it shall cover what others committed, too.
    func completed(_ commit: Position, isSightOpen: Bool) -> (position: Position, coversAll: Bool) {
        switch (commit, primary) {
        case (.mariaDB(let own), .mariaDB(let known)?):
            guard own.events.count == 1, let domain = own.events.first?.domain else { return (commit, false) }
            return (commit, known.events.allSatisfy { $0.domain == domain })
        case (.mySQL(let own), .mySQL(let known)?):
            var whole = known.continued(by: own)
            if isSightOpen { whole.formUnion(known) }
            return (.mySQL(whole), true)
        default: return (commit, false)
        }
    }
}
