// The console table `metrics`: figures of the process and of each cluster.

extension ConsoleTable {
    /// One row per figure. Names that end in `_total` only grow.
    static func metrics(_ snapshots: ConsoleSnapshots, status: ConsoleServiceStatus) -> ConsoleTable {
        ConsoleTable(
            name: "metrics", comment: "Figures of the process and, with a cluster's name, of each cluster",
            columns: [
                ConsoleColumn(name: "name", type: .text, comment: "What is counted; _total only grows"),
                ConsoleColumn(name: "value", type: .integer, comment: "The figure now"),
                ConsoleColumn(name: "cluster", type: .text, comment: "The cluster; NULL for the whole process"),
                ConsoleColumn(name: "kind", type: .text, comment: "counter or gauge"),
                ConsoleColumn(name: "help", type: .text, comment: "What it counts"),
            ]
        ) {
            snapshots.figures(status).filter { $0.figure.places.contains(.table) }.flatMap(rows)
        }
    }

    /// One row per name and cluster: samples of nodes and of lanes are added up.
    private static func rows(_ reading: FigureReading) -> [[ConsoleValue]] {
        var rows: [(row: Row, sum: Int64?)] = []
        var places: [Row: Int] = [:]
        for sample in reading.samples {
            guard case .number(let value) = sample.value else { continue }
            let hasCluster = reading.figure.labels.first == .cluster
            let row = Row(name: reading.figure.consoleName(sample), cluster: hasCluster ? sample.labels[0] : "")
            if let place = places[row] {
                rows[place].sum = (rows[place].sum ?? 0) &+ (value ?? 0)
            } else {
                places[row] = rows.count
                rows.append((row, value))
            }
        }
        return rows.map { row, sum in
            [
                .text(row.name), sum.map { .integer($0) } ?? .null, .text(orNull: row.cluster),
                .text(reading.figure.kind.rawValue), .text(reading.figure.help),
            ]
        }
    }

    private struct Row: Hashable {
        let name: String
        let cluster: String
    }
}
