// Two small console tables that the tests query, and a counter of how often their rows were taken.

import Synchronization
import Testing

@testable import Admin

/// How often a table was asked for its rows.
final class SnapshotCounter: Sendable {
    private let taken = Mutex(0)
    var count: Int { taken.withLock { $0 } }
    func increment() { taken.withLock { $0 += 1 } }
}

enum SampleConsole {
    static let nodes: [[ConsoleValue]] = [
        ["main", "db1", "primary", 0, 1.5, "2025-03-01 10:00:00.000000"],
        ["main", "db2", "replica", 120, 2.25, "2025-03-02 10:00:00.000000"],
        ["main", "db3", "replica", .null, 4.0, "2025-03-03 10:00:00.000000"],
    ]

    static let sessions: [[ConsoleValue]] = [
        [1, "db1", "app"], [2, "db2", "app"], [3, "db2", "report"], [4, .null, "idle"],
    ]

    static func tables(counter: SnapshotCounter = SnapshotCounter()) -> [ConsoleTable] {
        [
            ConsoleTable(
                name: "nodes", comment: "One row per node",
                columns: [
                    ConsoleColumn(name: "cluster", type: .text, comment: "Its cluster"),
                    ConsoleColumn(name: "node", type: .text, comment: "Its name, the admin's"),
                    ConsoleColumn(name: "role", type: .text),
                    ConsoleColumn(name: "lag_ms", type: .integer, comment: "Milliseconds behind"),
                    ConsoleColumn(name: "load", type: .real),
                    ConsoleColumn(name: "since", type: .datetime),
                ]
            ) {
                counter.increment()
                return nodes
            },
            ConsoleTable(
                name: "sessions", comment: "",
                columns: [
                    ConsoleColumn(name: "id", type: .integer), ConsoleColumn(name: "node", type: .text),
                    ConsoleColumn(name: "user", type: .text),
                ]
            ) { sessions },
        ]
    }

    static func database(
        limits: ConsoleLimits = .init(), counter: SnapshotCounter = SnapshotCounter()
    ) throws -> ConsoleDatabase {
        try ConsoleDatabase(tables: tables(counter: counter), limits: limits)
    }

    /// The rows of a statement over the sample tables.
    static func rows(_ sql: String) throws -> [[ConsoleValue]] { try database().run(sql).rows }

    /// The error a statement gets.
    static func error(_ sql: String, limits: ConsoleLimits = .init()) throws -> ConsoleError {
        let database = try database(limits: limits)
        return try #require(throws: ConsoleError.self) { try database.run(sql) }
    }
}
