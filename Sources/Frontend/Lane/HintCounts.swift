// What became of the hints that statements had: how often each was followed, and why it was not.
package import Routing

/// Hints by name.
package enum HintKind: UInt8, Sendable, CaseIterable {
    case routePrimary, routeReplica, routeLast, routeNode, maxLag, timeout, causal, unknown

    /// As it is spelt.
    package var name: String {
        switch self {
        case .routePrimary: "route=primary"
        case .routeReplica: "route=replica"
        case .routeLast: "route=last"
        case .routeNode: "route=node"
        case .maxLag: "max_lag"
        case .timeout: "timeout"
        case .causal: "causal"
        case .unknown: "unknown"
        }
    }
}

/// How often which hint had which outcome. Of one lane, or of all together.
package struct HintCounts: Sendable, Equatable {
    private var counts = [Int](repeating: 0, count: HintKind.allCases.count * HintOutcome.allCases.count)

    /// None yet.
    package init() {}

    /// How often this hint had this outcome.
    package subscript(kind: HintKind, outcome: HintOutcome) -> Int { counts[Self.place(kind, outcome)] }

    /// How often any hint was followed, and how often not.
    package var totals: (followed: Int, ignored: Int) {
        let followed = HintKind.allCases.reduce(0) { $0 + self[$1, .followed] }
        return (followed, counts.reduce(0, +) - followed)
    }

    mutating func add(_ kind: HintKind, _ outcome: HintOutcome, _ count: Int = 1) {
        counts[Self.place(kind, outcome)] += count
    }

    /// Adds what another lane counted.
    package mutating func add(_ others: HintCounts) {
        for index in counts.indices { counts[index] += others.counts[index] }
    }

    private static func place(_ kind: HintKind, _ outcome: HintOutcome) -> Int {
        Int(kind.rawValue) * HintOutcome.allCases.count + Int(outcome.rawValue)
    }
}
