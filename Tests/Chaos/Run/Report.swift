// What a run says of itself.

import ChaosChecker
import Foundation
import LocalCluster
import TestSupport

/// The figures of a run, for people.
struct Report {
    let options: ChaosOptions
    let journal: Journal

    /// The table's columns and their widths; times are milliseconds.
    private static let columns = [
        ("pause", 7), ("longest", 9), ("opening", 9), ("first", 7), ("followed", 10), ("in flight", 17),
        ("acknowledged", 14), ("unknown", 9), ("errors", 8), ("lost", 6), ("violations", 12),
    ]

    /// The table's head.
    static var heading: String { row(columns.map(\.0)) + "what happened" }

    /// One round's line of the table. In flight are statements, those of them that commit, and open transactions.
    static func line(_ round: RoundFigures) -> String {
        row([
            milliseconds(round.pause), milliseconds(round.longest), milliseconds(round.untilOpening),
            milliseconds(round.afterOpening), milliseconds(round.afterFollowing),
            round.inFlight.map { "\($0.statements)/\($0.commits)/\($0.transactions)" } ?? "-",
            "\(round.acknowledged)", "\(round.unknown)", "\(round.errors)", "\(round.lost)", "\(round.violations)",
        ]) + round.text
    }

    private static func row(_ cells: [String]) -> String {
        zip(cells, columns).map { cell, column in
            cell.padding(toLength: column.1, withPad: " ", startingAt: 0)
        }.joined()
    }

    private static func milliseconds(_ seconds: Double?) -> String {
        seconds.map { "\(Int(($0 * 1_000).rounded()))" } ?? "-"
    }

    private func spread(_ name: String, _ values: [Double]) -> String? {
        guard !values.isEmpty else { return nil }
        let figures = [50, 99, 100].map { Self.milliseconds(Figures.percentile($0, of: values)) }
        return "\(name): p50 \(figures[0]) ms, p99 \(figures[1]) ms, max \(figures[2]) ms"
    }

    var text: String {
        let rounds = journal.rounds
        var lines = [
            "\(options.flavor.rawValue), \(options.nemesis.rawValue), seed \(options.seed): \(options.clients) clients, "
                + "\(options.proxies) proxies, \(options.semiSync ? "semi-synchronous" : "asynchronous") replication"
        ]
        lines += [
            spread("no write acknowledged to anybody", rounds.map(\.pause)),
            spread("the longest statement", rounds.map(\.longest)),
            spread("from the disturbance to the opening of the new primary", rounds.compactMap(\.untilOpening)),
            spread("from then to its first acknowledged write", rounds.compactMap(\.afterOpening)),
            spread(
                "from when replicas followed it to its first acknowledged write", rounds.compactMap(\.afterFollowing)),
        ].compactMap { $0 }
        let flights = rounds.compactMap(\.inFlight)
        if !flights.isEmpty {
            lines.append(
                "in flight at that moment: \(flights.map(\.statements).reduce(0, +)) statements, of which "
                    + "\(flights.map(\.commits).reduce(0, +)) commit; \(flights.map(\.transactions).reduce(0, +)) "
                    + "open transactions")
        }
        lines.append("lost by replication: \(rounds.map(\.lost).reduce(0, +)) acknowledged writes")
        return (lines + errors).joined(separator: "\n")
    }

    private var errors: [String] {
        let total = journal.total
        let unknown = total.errors.filter { ErrorCodes.unknown.contains($0.key.code) }.values.reduce(0, +)
        let head = "errors: \(total.errorCount), of which \(unknown) leave an outcome unknown"
        let lines = total.errors.sorted { $0.key < $1.key }
            .map { "  \($0.key.code) at \($0.key.attempt) × \($0.value): \(total.texts[$0.key] ?? "")" }
        return [head] + lines
    }
}
