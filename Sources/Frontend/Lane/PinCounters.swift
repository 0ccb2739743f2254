// How often sessions were pinned, by reason.
internal import Routing
internal import Synchronization

/// One counter for each reason. Relaxed: they are shown only.
final class PinCounters: Sendable {
    private let counts: [CountedReason]

    private final class CountedReason: Sendable {
        let name: String
        let count = Atomic<Int>(0)
        init(_ name: String) { self.name = name }
    }

    init() { counts = SessionPins.allNames.map { CountedReason(Self.word($0)) } }

    /// These pins, by bit, were set.
    func pinned(_ bits: UInt32) {
        var rest = bits
        while rest != 0 {
            let position = rest.trailingZeroBitCount
            rest &= rest - 1
            if position < counts.count { counts[position].count.add(1, ordering: .relaxed) }
        }
    }

    /// Reasons as metrics spell them, and figures.
    var all: [(name: String, count: Int)] { counts.map { ($0.name, $0.count.load(ordering: .relaxed)) } }

    /// `FLUSH TABLES WITH READ LOCK` as `flush_tables_with_read_lock`.
    private static func word(_ reason: String) -> String {
        reason.lowercased().map { $0.isLetter || $0.isNumber ? String($0) : "_" }.joined()
    }
}
