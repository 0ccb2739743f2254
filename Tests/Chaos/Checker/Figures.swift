// Times of a run as figures.

/// Figures of lists of times.
package enum Figures {
    /// The longest time between two neighbours of `times`, whatever their order, and `until` the end.
    package static func longestGap(_ times: [Double], until end: Double) -> Double {
        let ordered = times.sorted()
        return zip(ordered, ordered.dropFirst() + [end]).map { $1 - $0 }.max() ?? 0
    }

    /// The smallest value that so many per cent of all do not exceed; nil when there is none.
    package static func percentile(_ percent: Int, of values: [Double]) -> Double? {
        let ordered = values.sorted()
        guard !ordered.isEmpty else { return nil }
        return ordered[max(0, (ordered.count * percent + 99) / 100 - 1)]
    }
}
