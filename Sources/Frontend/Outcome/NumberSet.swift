// Numbers of transactions, as ranges: those of one domain, or of one source. A pure value.

/// Ascending ranges that neither overlap nor touch: equal sets are equal values.
struct NumberSet: Equatable, Sendable {
    private(set) var ranges: [ClosedRange<UInt64>] = []

    init() {}

    init(_ ranges: [ClosedRange<UInt64>]) {
        for range in ranges { insert(range) }
    }

    var isEmpty: Bool { ranges.isEmpty }
    /// The highest number; nil when there is none.
    var last: UInt64? { ranges.last?.upperBound }
    /// How far it goes from the first number that there can be without a hole; 0 for not at all.
    var prefixEnd: UInt64 {
        guard let first = ranges.first, first.lowerBound <= 1 else { return 0 }
        return first.upperBound
    }
    /// How many numbers; saturates.
    var count: UInt64 {
        ranges.reduce(0) { sum, range in
            let (next, overflow) = sum.addingReportingOverflow(range.upperBound - range.lowerBound)
            return overflow || next == .max ? .max : next + 1
        }
    }

    /// Whether a number is in it.
    func contains(_ number: UInt64) -> Bool { ranges.contains { $0.contains(number) } }

    /// The first numbers, as many as `limit` at most.
    func first(_ limit: Int) -> [UInt64] {
        var numbers: [UInt64] = []
        for range in ranges {
            for number in range {
                guard numbers.count < limit else { return numbers }
                numbers.append(number)
            }
        }
        return numbers
    }

    /// Numbers mostly come in order, so the place is looked for from the end.
    mutating func insert(_ added: ClosedRange<UInt64>) {
        var (low, high) = (added.lowerBound, added.upperBound)
        var start = ranges.endIndex
        while start > 0, low == 0 || ranges[start - 1].upperBound >= low - 1 { start -= 1 }
        var end = start
        while end < ranges.endIndex, ranges[end].lowerBound == 0 || ranges[end].lowerBound - 1 <= high {
            low = min(low, ranges[end].lowerBound)
            high = max(high, ranges[end].upperBound)
            end += 1
        }
        if end == start + 1 {
            ranges[start] = low...high
        } else {
            ranges.replaceSubrange(start..<end, with: CollectionOfOne(low...high))
        }
    }

    /// Forgets all but what `prefixEnd` speaks of.
    mutating func keepPrefix() { ranges = prefixEnd > 0 ? [ranges[0]] : [] }

    /// What of it is not in `other`.
    func subtracting(_ other: NumberSet) -> NumberSet {
        var rest = NumberSet()
        var index = 0
        for range in ranges {
            var low = range.lowerBound
            var isUsedUp = false
            while index < other.ranges.endIndex, other.ranges[index].upperBound < low { index += 1 }
            var at = index
            while at < other.ranges.endIndex, other.ranges[at].lowerBound <= range.upperBound {
                if other.ranges[at].lowerBound > low { rest.ranges.append(low...(other.ranges[at].lowerBound - 1)) }
                guard other.ranges[at].upperBound < range.upperBound else {
                    isUsedUp = true
                    break
                }
                low = other.ranges[at].upperBound + 1
                at += 1
            }
            if !isUsedUp { rest.ranges.append(low...range.upperBound) }
        }
        return rest
    }
}
