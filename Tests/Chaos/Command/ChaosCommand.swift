// The chaos harness as a program: `swift run chaos --nemesis switchover --rounds 50`.

internal import ArgumentParser
internal import ChaosChecker
internal import ChaosRun
internal import Foundation
internal import LocalCluster

extension LocalCluster.Options.Flavor: ExpressibleByArgument {}
extension NemesisKind: ExpressibleByArgument {}
extension LedgerPlant: ExpressibleByArgument {}

/// `chaos`.
@main
struct ChaosCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "chaos",
        abstract: "Clients keep a ledger while the cluster is disturbed; what was acknowledged is checked.",
        discussion: """
            Starts real servers and the proxy, and in each round does one thing to the cluster while clients write. Then \
            every acknowledged write must be there exactly once, executed by the server that was the primary, and \
            nothing else. The exit code is 1 when something is wrong; with --nemesis switchover also when a client saw an \
            error. With --plant a bug is made in what is checked: it must be found.
            """)

    @Option(help: "What happens in each round.")
    var nemesis = NemesisKind.switchover
    @Option(help: "How often.")
    var rounds = 10
    @Option(help: "The kind of servers.")
    var server = LocalCluster.Options.Flavor.mariaDB
    @Option(help: "Clients at once.")
    var clients = 32
    @Option(help: "Proxies in front of the cluster, among which the clients are spread.")
    var proxies = 1
    @Option(help: "What the dice begin with.")
    var seed: UInt64 = 1
    @Flag(help: "Replication is semi-synchronous: no acknowledged write may be lost.")
    var semiSync = false
    @Flag(help: "Transfers choose among all accounts, and so wait for each other's locks.")
    var contended = false
    @Option(help: "Milliseconds until the orchestrator sees that a primary is gone.")
    var orchestratorDelay = 500
    @Option(help: "Milliseconds that a client rests at most after each operation.")
    var rest = 20
    @Option(help: "The lanes of each proxy.")
    var lanes = 2
    @Option(help: "A bug to be found.")
    var plant: LedgerPlant?
    @Option(help: "The folder of the proxy's program; beside this one when absent.")
    var binaries: String?

    /// So many violations of each rule are shown.
    private static let shown = 5

    func validate() throws {
        guard rounds > 0, clients > 0, proxies > 0, lanes > 0, rest >= 0, orchestratorDelay >= 0 else {
            throw ValidationError("Numbers must be positive.")
        }
    }

    func run() throws {
        if let binaries { setenv("SWITCHYARD_BINARY", "\(binaries)/switchyard", 1) }
        let result = try ChaosRun(options) { show($0) }.execute()
        show(result.summary)
        for failure in result.failures { show("failed: \(failure)") }
        for (rule, violations) in Dictionary(grouping: result.violations, by: \.rule) {
            show("\(rule.rawValue): \(violations.count)")
            for violation in violations.prefix(Self.shown) { show("  \(violation)") }
        }
        show(result.lastLine)
        let mayHaveErrors = nemesis != .switchover
        let isRight = result.violations.isEmpty && result.failures.isEmpty && (mayHaveErrors || result.errors == 0)
        if !isRight { throw ExitCode(1) }
    }

    /// At once, also into a pipe.
    private func show(_ line: String) { FileHandle.standardOutput.write(Data("\(line)\n".utf8)) }

    private var options: ChaosOptions {
        var options = ChaosOptions()
        options.flavor = server
        options.nemesis = nemesis
        options.rounds = rounds
        options.clients = clients
        options.proxies = proxies
        options.seed = seed
        options.semiSync = semiSync
        options.isContended = contended
        options.orchestratorMilliseconds = orchestratorDelay
        options.restMilliseconds = rest
        options.lanes = lanes
        options.plant = plant
        return options
    }
}
