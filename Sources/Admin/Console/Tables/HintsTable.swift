// The console table `hints`: what became of the hints in clients' statements.
internal import Frontend
internal import Routing

extension ConsoleTable {
    /// One row per cluster, hint and outcome that was seen.
    static func hints(_ snapshots: ConsoleSnapshots) -> ConsoleTable {
        ConsoleTable(
            name: "hints", comment: "What became of the hints in comments: /* switchyard: route=primary */",
            columns: [
                ConsoleColumn(name: "cluster", type: .text, comment: "The cluster"),
                ConsoleColumn(name: "hint", type: .text, comment: "The hint; unknown for words that are none"),
                ConsoleColumn(name: "outcome", type: .text, comment: "followed, or why it was not"),
                ConsoleColumn(name: "count", type: .integer, comment: "How often, since the start"),
            ]
        ) {
            snapshots.source.clusters.flatMap { cluster in
                let counts = snapshots.hints(of: cluster.name)
                return HintKind.allCases.flatMap { kind in
                    HintOutcome.allCases.compactMap { outcome -> [ConsoleValue]? in
                        let count = counts[kind, outcome]
                        guard count > 0 else { return nil }
                        return [.text(cluster.name), .text(kind.name), .text(outcome.text), .count(count)]
                    }
                }
            }
        }
    }
}

extension ConsoleSnapshots {
    /// The hints of a cluster's statements, of all lanes together.
    func hints(of cluster: String) -> HintCounts {
        laneFigures.reduce(into: HintCounts()) { if $1.cluster == cluster { $0.add($1.hints) } }
    }
}
