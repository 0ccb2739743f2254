// One figure of the proxy: what it is called, what it counts, and how it is read. The console's table `metrics`, the
// Prometheus endpoint and the dashboard's ticks are three ways to show the same list.
package import Topology

/// What a figure does over time.
package enum FigureKind: String, Sendable {
    /// Only grows, until the process ends.
    case counter
    /// Goes up and down.
    case gauge
    /// Times, counted by their length.
    case histogram
}

/// What the whole numbers of a figure count.
package enum FigureUnit: Sendable {
    /// Things, or bytes, or seconds: as the name says.
    case one
    case milliseconds, microseconds

    /// How many of them are one of what Prometheus wants.
    package var perBase: Int64 {
        switch self {
        case .one: 1
        case .milliseconds: 1_000
        case .microseconds: 1_000_000
        }
    }

    /// The word in a figure's name; nil when it is one of Prometheus's own.
    var word: String? {
        switch self {
        case .one: nil
        case .milliseconds: "milliseconds"
        case .microseconds: "microseconds"
        }
    }
}

/// What tells the samples of one figure apart.
package enum FigureLabel: String, Sendable {
    case cluster, node, role, state, zone, reason, purpose, kind, lane, version
    case serverVersion = "server_version"
}

/// Where else a figure is shown than to Prometheus.
struct FigurePlaces: OptionSet, Sendable {
    let rawValue: UInt8
    /// In the console's table `metrics`. What is not has a column in another table.
    static let table = FigurePlaces(rawValue: 1)
    /// In the dashboard's ticks.
    static let tick = FigurePlaces(rawValue: 2)
}

/// A figure.
package struct Figure: Sendable {
    /// The name in the console; `*` stands for what the last label says: `pins_*_total`.
    package let name: String
    package let kind: FigureKind
    package let unit: FigureUnit
    /// What it counts, in a sentence without its full stop.
    package let help: String
    /// What the texts of a sample are.
    package let labels: [FigureLabel]
    let places: FigurePlaces
    let read: @Sendable (FigureLook) -> [FigureSample]
    /// The name for Prometheus: in base units, with what is a label left out.
    package let prometheusName: String
    /// What stands before and behind the `*` of the name; nil without one.
    private let nameParts: (before: String, behind: String)?

    // What is shown of every sample and scrape is made once.
    init(
        name: String, kind: FigureKind, unit: FigureUnit, help: String, labels: [FigureLabel], places: FigurePlaces,
        read: @escaping @Sendable (FigureLook) -> [FigureSample]
    ) {
        self.name = name
        self.kind = kind
        self.unit = unit
        self.help = help
        self.labels = labels
        self.places = places
        self.read = read
        var base = name.replacing("_*", with: "")
        if let word = unit.word { base = base.replacing(word, with: "seconds") }
        prometheusName = "switchyard_\(base)"
        nameParts = name.firstIndex(of: "*").map { (String(name[..<$0]), String(name[name.index(after: $0)...])) }
    }

    /// The name of one of its samples in the console.
    func consoleName(_ sample: FigureSample) -> String {
        nameParts.map { $0.before + (sample.labels.last ?? "") + $0.behind } ?? name
    }
}

/// One value of a figure.
package struct FigureSample: Sendable {
    /// One text for each label of the figure; empty where it does not apply.
    package let labels: [String]
    /// What was read.
    package let value: FigureValue
}

/// What was read of a figure.
package enum FigureValue: Sendable {
    /// In the figure's unit; nil when nobody knows.
    case number(Int64?)
    case latencies(LatencySnapshot)
}

/// A figure and its samples at one moment.
package struct FigureReading: Sendable {
    package let figure: Figure
    package let samples: [FigureSample]
    /// Whether the dashboard follows it from second to second.
    package var isMain: Bool { figure.places.contains(.tick) }
}

// MARK: Making them

extension Figure {
    /// Of the whole process.
    static func process<Number: BinaryInteger & SendableMetatype>(
        _ name: String, _ kind: FigureKind, _ help: String, places: FigurePlaces = .table,
        _ value: @escaping @Sendable (FigureLook) -> Number?
    ) -> Figure {
        Figure(name: name, kind: kind, unit: .one, help: help, labels: [], places: places) { look in
            [FigureSample(labels: [], value: .number(value(look).map { Int64(clamping: $0) }))]
        }
    }

    /// Of each cluster.
    static func cluster<Number: BinaryInteger & SendableMetatype>(
        _ name: String, _ kind: FigureKind, _ help: String, unit: FigureUnit = .one, places: FigurePlaces = .table,
        _ value: @escaping @Sendable (ClusterLook) -> Number
    ) -> Figure {
        Figure(name: name, kind: kind, unit: unit, help: help, labels: [.cluster], places: places) { look in
            look.clusters.map {
                FigureSample(labels: [$0.cluster.name], value: .number(Int64(clamping: value($0))))
            }
        }
    }

    /// Of each cluster, cut into parts by one more label.
    static func parts(
        _ name: String, _ kind: FigureKind, _ help: String, by label: FigureLabel,
        _ values: @escaping @Sendable (ClusterLook) -> [(name: String, count: Int)]
    ) -> Figure {
        Figure(name: name, kind: kind, unit: .one, help: help, labels: [.cluster, label], places: .table) { look in
            look.clusters.flatMap { cluster in
                values(cluster).map {
                    FigureSample(labels: [cluster.cluster.name, $0.name], value: .number(Int64(clamping: $0.count)))
                }
            }
        }
    }

    /// Of each node; the console shows the sum over a cluster's nodes.
    static func node<Number: BinaryInteger & SendableMetatype>(
        _ name: String, _ kind: FigureKind, _ help: String, unit: FigureUnit = .one, places: FigurePlaces = .table,
        _ value: @escaping @Sendable (RoutingEntry) -> Number?
    ) -> Figure {
        let labels: [FigureLabel] = [.cluster, .node, .role]
        return Figure(name: name, kind: kind, unit: unit, help: help, labels: labels, places: places) { look in
            look.clusters.flatMap { cluster in
                cluster.table.entries.map { entry in
                    FigureSample(
                        labels: [cluster.cluster.name, entry.name, entry.role.rawValue],
                        value: .number(value(entry).map { Int64(clamping: $0) }))
                }
            }
        }
    }
}
