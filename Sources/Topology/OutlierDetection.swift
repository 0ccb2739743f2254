// Which readers do so much worse than the others that reads leave them out for a while. A pure machine.

/// Judges readers by what traffic met, and remembers who was ejected. Only readers are ever ejected: there is one primary.
struct OutlierDetection: Sendable {
    /// What is known of one node when it is judged.
    struct Subject: Sendable {
        let node: NodeID
        /// Whether it takes reads and is not the primary.
        let isReader: Bool
        /// Where it is; nil for nowhere in particular.
        var zone: String?
        /// Statements lost and connections not made since the last answer.
        var failuresInARow = 0
        /// The average answer time, of the time when it was used last.
        var latencyNanoseconds: UInt64 = 0
        /// The same, with what is old counting less.
        var agedLatencyNanoseconds: UInt64 = 0
        /// Reads since the start.
        var reads: UInt64 = 0
    }

    /// What becomes of a node.
    enum Change: Equatable, Sendable {
        case ejected(NodeID, milliseconds: UInt64, reason: String)
        /// The time is over: it comes back gradually.
        case returned(NodeID)
        /// It is no reader any more: there is nothing to be left out of.
        case cancelled(NodeID)
    }

    private struct Record: Sendable {
        /// When the ejection ends; nil while there is none.
        var until: UInt64?
        /// When the last one ended.
        var endedAt: UInt64 = 0
        /// Ejections that are not forgiven.
        var repeats = 0
        /// Since when it has been slow without a break, and how many reads it had served by then.
        var slow: (since: UInt64, reads: UInt64)?
    }

    private var records: [NodeID: Record] = [:]

    /// What changes now. To be asked regularly, with all nodes.
    mutating func judge(_ subjects: [Subject], nowMilliseconds now: UInt64) -> [Change] {
        var changes = subjects.compactMap { ended($0, now) }
        let readers = subjects.filter(\.isReader)
        var left = readers.count / HealthLimits.readersPerEjection - readers.count { isEjected($0.node) }
        let ill = readers.compactMap { reader in reason(against: reader, among: readers, now).map { (reader, $0) } }
        // Those that failed most first, as far as the bound goes.
        for (reader, reason) in ill.sorted(by: { $0.0.failuresInARow > $1.0.failuresInARow }) where left > 0 {
            left -= 1
            changes.append(.ejected(reader.node, milliseconds: eject(reader.node, now), reason: reason))
        }
        return changes
    }

    private func isEjected(_ node: NodeID) -> Bool { records[node]?.until != nil }

    /// What time, or another role, ends.
    private mutating func ended(_ subject: Subject, _ now: UInt64) -> Change? {
        guard var record = records[subject.node] else { return nil }
        guard subject.isReader else {
            records[subject.node] = nil
            return record.repeats > 0 ? .cancelled(subject.node) : nil
        }
        if let until = record.until {
            guard now >= until else { return nil }
            record.until = nil
            record.endedAt = now
            records[subject.node] = record
            return .returned(subject.node)
        }
        if record.repeats > 0, now >= record.endedAt + HealthLimits.forgivenMilliseconds {
            record.repeats = 0
            records[subject.node] = record
        }
        return nil
    }

    private mutating func eject(_ node: NodeID, _ now: UInt64) -> UInt64 {
        var record = records[node] ?? Record()
        // The shift is bounded too.
        let milliseconds = min(
            HealthLimits.ejectionMilliseconds << UInt64(min(record.repeats, 16)),
            HealthLimits.ejectionMaximumMilliseconds)
        record.repeats += 1
        record.until = now + milliseconds
        record.slow = nil
        records[node] = record
        return milliseconds
    }

    /// Why a reader should be left out; nil when it is well, or is left out already.
    private mutating func reason(against reader: Subject, among readers: [Subject], _ now: UInt64) -> String? {
        guard !isEjected(reader.node) else { return nil }
        let peers = slowness(of: reader, among: readers)
        noteSlowness(of: reader, isSlow: peers != nil, now)
        if reader.failuresInARow >= HealthLimits.failuresInARow {
            return "\(reader.failuresInARow) statements or connections failed in a row"
        }
        guard let peers, let slow = records[reader.node]?.slow,
            now >= slow.since + HealthLimits.slowMilliseconds, reader.reads >= slow.reads + HealthLimits.slowReads
        else { return nil }
        return "its reads take \(reader.agedLatencyNanoseconds / 1_000_000) ms on average, "
            + "those of the other readers there \(peers / 1_000) us"
    }

    /// What the other readers of its zone take, in nanoseconds, if that is far less; nil otherwise. To be far away is no
    /// illness.
    private func slowness(of reader: Subject, among readers: [Subject]) -> UInt64? {
        guard reader.agedLatencyNanoseconds >= HealthLimits.slowNanoseconds else { return nil }
        // Of an idle one, what it took when it was used last is what it would take.
        let others = readers.filter {
            $0.node != reader.node && $0.zone == reader.zone && $0.latencyNanoseconds > 0 && !isEjected($0.node)
        }.map(\.latencyNanoseconds).sorted()
        guard !others.isEmpty else { return nil }
        // Of two the slower one: when in doubt, nobody is slow.
        let median = others[others.count / 2]
        return reader.agedLatencyNanoseconds / HealthLimits.slowFactor >= median ? median : nil
    }

    private mutating func noteSlowness(of reader: Subject, isSlow: Bool, _ now: UInt64) {
        guard isSlow else {
            records[reader.node]?.slow = nil
            return
        }
        if records[reader.node]?.slow == nil {
            records[reader.node, default: Record()].slow = (now, reader.reads)
        }
    }
}
