// MySQL's replication position: a set of transactions, as intervals per source and tag.

/// A GTID set: `uuid[:tag]:interval[:interval]…`, comma-separated; since MySQL 8.3 with tags.
/// https://dev.mysql.com/doc/refman/8.4/en/replication-gtids-concepts.html
package struct MySQLGTIDSet: Hashable, Sendable {
    /// The largest transaction number a server gives.
    package static let numberMaximum = UInt64(Int64.max) - 1
    /// Characters of a tag.
    package static let tagMaximum = 32

    /// Who numbered the transactions: a server's UUID and a tag, which is empty without one.
    package struct Source: Hashable, Comparable, Sendable {
        var high: UInt64
        var low: UInt64
        var tag: String

        /// Whether both are of one server, whatever their tags.
        package func isSameServer(as other: Source) -> Bool { high == other.high && low == other.low }

        package static func < (left: Source, right: Source) -> Bool {
            (left.high, left.low, left.tag) < (right.high, right.low, right.tag)
        }
    }

    /// Numbers of transactions, both ends included.
    struct Interval: Hashable {
        var first: UInt64
        var last: UInt64
    }

    /// Intervals are ascending, do not touch, and no list is empty: equal sets are equal values.
    private var intervals: [Source: [Interval]] = [:]

    package init() {}

    /// Whether the set has no transaction.
    package var isEmpty: Bool { intervals.isEmpty }

    /// How many transactions the set has; saturates.
    package var count: UInt64 {
        intervals.values.joined().reduce(0) { sum, interval in
            let (next, overflow) = sum.addingReportingOverflow(interval.last - interval.first + 1)
            return overflow ? .max : next
        }
    }

    /// Whether every transaction of `other` is in this set.
    package func contains(_ other: MySQLGTIDSet) -> Bool {
        other.intervals.allSatisfy { source, wanted in
            guard let own = intervals[source] else { return wanted.isEmpty }
            return Self.isSubset(wanted, of: own)
        }
    }

    /// Adds all transactions of `other`.
    package mutating func formUnion(_ other: MySQLGTIDSet) {
        for (source, added) in other.intervals {
            intervals[source] = Self.normalized(intervals[source, default: []] + added)
        }
    }

    /// This set and `other` together.
    package func union(_ other: MySQLGTIDSet) -> MySQLGTIDSet {
        var result = self
        result.formUnion(other)
        return result
    }

    /// The numbers of each source, ascending, in ranges that do not touch.
    package var ranges: [(source: Source, numbers: [ClosedRange<UInt64>])] {
        intervals.map { (source: $0.key, numbers: $0.value.map { $0.first...$0.last }) }
    }

    /// The transaction of a set that has one only; nil for others.
    package var onlyTransaction: (source: Source, number: UInt64)? {
        guard intervals.count == 1, let (source, list) = intervals.first, list.count == 1, list[0].first == list[0].last
        else { return nil }
        return (source: source, number: list[0].first)
    }

    /// How many sources have transactions in it; a tag makes a source of its own.
    package var sourceCount: Int { intervals.count }

    /// Of the sources of `later`, everything up to its last numbers: what is known here, and all numbers behind that.
    package func continued(by later: MySQLGTIDSet) -> MySQLGTIDSet {
        var result = later
        for (source, list) in later.intervals {
            guard let last = list.last?.last else { continue }
            let known = intervals[source] ?? []
            let knownLast = known.last?.last ?? 0
            let rest = knownLast < last ? [Interval(first: knownLast + 1, last: last)] : []
            result.intervals[source] = Self.normalized(known + list + rest)
        }
        return result
    }

    /// Both lists ascending and disjoint: one walk over the two.
    private static func isSubset(_ wanted: [Interval], of own: [Interval]) -> Bool {
        var index = 0
        for interval in wanted {
            while index < own.count, own[index].last < interval.first { index += 1 }
            guard index < own.count, own[index].first <= interval.first, interval.last <= own[index].last else {
                return false
            }
        }
        return true
    }

    private static func normalized(_ list: [Interval]) -> [Interval] {
        var result: [Interval] = []
        for interval in list.sorted(by: { $0.first < $1.first }) {
            // Numbers end below UInt64.max, so the sum cannot overflow.
            if let last = result.indices.last, interval.first <= result[last].last + 1 {
                result[last].last = max(result[last].last, interval.last)
            } else {
                result.append(interval)
            }
        }
        return result
    }
}

extension MySQLGTIDSet {
    /// Reads a set; letters of either case, white space anywhere between elements.
    package static func parse(_ text: UnsafeRawBufferPointer) throws(WireError) -> MySQLGTIDSet {
        var scanner = PositionScanner(text)
        var found: [Source: [Interval]] = [:]
        while !scanner.isAtEnd() {
            // Servers accept empty elements, and print a comma before a line break.
            if scanner.take(",") { continue }
            try parseSource(&scanner, into: &found)
            guard scanner.isAtEnd() || scanner.peek() == UInt8(ascii: ",") else { throw .malformedPosition }
        }
        var set = MySQLGTIDSet()
        set.intervals = found.mapValues(normalized)
        return set
    }

    /// The same for a string.
    package static func parse(_ text: String) throws(WireError) -> MySQLGTIDSet {
        try Array(text.utf8).withWireBytes { (bytes) throws(WireError) in try parse(bytes) }
    }

    /// `uuid`, then tags and intervals; a tag holds for the intervals up to the next tag.
    private static func parseSource(
        _ scanner: inout PositionScanner, into found: inout [Source: [Interval]]
    ) throws(WireError) {
        var source = try parseUUID(&scanner)
        var needsInterval = true
        while scanner.take(":") {
            guard let next = scanner.peek() else { throw .malformedPosition }
            if !(0x30...0x39).contains(next) {
                guard source.tag.isEmpty || !needsInterval else { throw .malformedPosition }
                source.tag = try parseTag(&scanner)
                needsInterval = true
                continue
            }
            let first = try scanner.readNumber(numberMaximum)
            let last = scanner.take("-") ? try scanner.readNumber(numberMaximum) : first
            guard first > 0, first <= last else { throw .malformedPosition }
            found[source, default: []].append(Interval(first: first, last: last))
            needsInterval = false
        }
        guard !needsInterval else { throw .malformedPosition }
    }

    private static func parseUUID(_ scanner: inout PositionScanner) throws(WireError) -> Source {
        let word = scanner.readWord { hexDigit($0) != nil || $0 == UInt8(ascii: "-") }
        guard word.count == 36 else { throw .malformedPosition }
        var halves: (UInt64, UInt64) = (0, 0)
        for (index, byte) in word.enumerated() {
            guard let digit = hexDigit(byte) else {
                guard [8, 13, 18, 23].contains(index) else { throw .malformedPosition }
                continue
            }
            guard ![8, 13, 18, 23].contains(index) else { throw .malformedPosition }
            if index < 18 { halves.0 = halves.0 << 4 | digit } else { halves.1 = halves.1 << 4 | digit }
        }
        return Source(high: halves.0, low: halves.1, tag: "")
    }

    private static func parseTag(_ scanner: inout PositionScanner) throws(WireError) -> String {
        let word = scanner.readWord {
            $0 == UInt8(ascii: "_") || (0x30...0x39).contains($0) || (0x61...0x7A).contains($0 | 0x20)
        }
        guard !word.isEmpty, word.count <= tagMaximum else { throw .malformedPosition }
        return String(decoding: word.lazy.map { (0x41...0x5A).contains($0) ? $0 | 0x20 : $0 }, as: UTF8.self)
    }

    private static func hexDigit(_ byte: UInt8) -> UInt64? {
        switch byte {
        case 0x30...0x39: UInt64(byte - 0x30)
        case 0x41...0x46: UInt64(byte - 0x41 + 10)
        case 0x61...0x66: UInt64(byte - 0x61 + 10)
        default: nil
        }
    }
}

extension MySQLGTIDSet: CustomStringConvertible {
    /// In the server's notation: sources ascending, tags behind their UUID's untagged intervals.
    package var description: String {
        var text = ""
        var previous: Source?
        for (source, list) in intervals.sorted(by: { $0.key < $1.key }) {
            if let previous, previous.high == source.high, previous.low == source.low {
                text += ":" + source.tag
            } else {
                text += (text.isEmpty ? "" : ",") + Self.uuidText(source)
                if !source.tag.isEmpty { text += ":" + source.tag }
            }
            for interval in list {
                text += interval.first == interval.last ? ":\(interval.first)" : ":\(interval.first)-\(interval.last)"
            }
            previous = source
        }
        return text
    }

    private static func uuidText(_ source: Source) -> String {
        let digits = Array("0123456789abcdef".utf8)
        var text: [UInt8] = []
        for index in 0..<32 {
            if [8, 12, 16, 20].contains(index) { text.append(UInt8(ascii: "-")) }
            let half = index < 16 ? source.high : source.low
            text.append(digits[Int(half >> UInt64(60 - 4 * (index % 16)) & 0xF)])
        }
        return String(decoding: text, as: UTF8.self)
    }
}
