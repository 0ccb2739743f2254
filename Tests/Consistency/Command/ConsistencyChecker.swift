// The consistency checker as a program: `swift run consistency-checker --sessions 200 --operations 1000000`.

internal import ArgumentParser
internal import ConsistencyChecker
internal import ConsistencyRun
internal import Foundation
internal import LocalCluster

extension LocalCluster.Options.Flavor: ExpressibleByArgument {}
extension RunOptions.Mode: ExpressibleByArgument {}
extension Plant: ExpressibleByArgument {}
extension Rule: ExpressibleByArgument {}

/// `consistency-checker`.
@main
struct ConsistencyCheckerCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "consistency-checker",
        abstract: "Many sessions share few connections and late replicas; what they see is checked.",
        discussion: """
            Starts real servers and the proxy, lets sessions write and read while replicas are made late, and checks \
            what was recorded. The exit code is 1 when something is wrong. With --plant a bug is made on the client's \
            side: it must be found.
            """)

    @Option(help: "The servers: mariadb, mariadb-current or mysql.")
    var server = LocalCluster.Options.Flavor.mariaDB
    @Option(help: "Sessions at once.")
    var sessions = 200
    @Option(help: "Server connections to each node that all of them share.")
    var connectionsPerNode = 8
    @Option(help: "Statements of all sessions together.")
    var operations = 100_000
    @Option(help: "What the dice begin with.")
    var seed: UInt64 = 1
    @Option(help: "What the proxy promises about reads: session, global, or none, where stale reads are to be found.")
    var mode = RunOptions.Mode.session
    @Option(help: "A bug to be found: \(Plant.allCases.map(\.rawValue).joined(separator: ", ")).")
    var plant: Plant?
    @Option(help: "Planned changes of the primary, spread over the run.")
    var switchovers = 0
    @Option(help: "The proxy's lanes.")
    var lanes = 2
    @Option(help: "A rule not to check; can be repeated.")
    var without: [Rule] = []
    @Option(help: "The folder of the proxy's program; beside this one when absent.")
    var binaries: String?

    /// So many violations of each rule are shown.
    private static let shown = 5

    func validate() throws {
        guard sessions > 0, connectionsPerNode > 1, operations > 0, lanes > 0, switchovers >= 0 else {
            throw ValidationError("Numbers must be positive, and there must be 2 connections.")
        }
    }

    func run() throws {
        if let binaries { setenv("SWITCHYARD_BINARY", "\(binaries)/switchyard", 1) }
        var options = RunOptions()
        options.flavor = server
        options.sessions = sessions
        options.connectionsPerNode = connectionsPerNode
        options.operations = operations
        options.seed = seed
        options.mode = mode
        options.plant = plant
        options.switchovers = switchovers
        options.lanes = lanes
        options.ignored = Set(without)
        let result = try ConsistencyRun(options).execute()
        print(result.summary)
        for (rule, violations) in Dictionary(grouping: result.violations, by: \.rule) {
            print("\(rule.rawValue): \(violations.count)")
            for violation in violations.prefix(Self.shown) { print("  \(violation)") }
        }
        print("\(result.violations.count) violations")
        if !result.violations.isEmpty { throw ExitCode(1) }
    }
}
