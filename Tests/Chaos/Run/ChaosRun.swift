// A whole run: servers, proxies, clients, the nemesis, and the judgement after each round.

package import ChaosChecker
import LocalCluster
import TestSupport

/// Starts everything, plays round after round, and checks what was recorded.
package struct ChaosRun {
    private let options: ChaosOptions
    /// Is told each round's line, for people.
    private let tell: (String) -> Void

    package init(_ options: ChaosOptions, tell: @escaping (String) -> Void = { _ in }) {
        self.options = options
        self.tell = tell
    }

    /// What came of a run.
    package struct Result {
        package let violations: [LedgerViolation]
        /// What the harness itself could not do, or the proxy's end.
        package let failures: [String]
        package let acknowledged: Int
        package let errors: Int
        /// The figures, without the lines of the rounds.
        package let summary: String
        /// `N rounds, N acknowledged, N violations, N errors`.
        package let lastLine: String
    }

    private var clusterOptions: LocalCluster.Options {
        LocalCluster.Options(
            replicas: 2, semiSync: options.semiSync, flavor: options.flavor,
            extraServerOptions: ["--innodb-lock-wait-timeout=20"])
    }

    /// Runs all of it. Throws when something cannot be started, or clients do not come to an end.
    package func execute() throws -> Result {
        let cluster = try LocalCluster.start(clusterOptions)
        defer { cluster.stop() }
        let ports = (0..<options.proxies).map { _ in ProxyPorts() }
        let ledger = Ledger(options, ports: ports.map(\.split))
        try LedgerServers(cluster: cluster, options: options).prepare(accounts: ledger.accounts)
        let proxies = try startProxies(cluster, ports)
        defer { for proxy in proxies { proxy.kill() } }
        var rounds = Rounds(Nemesis(cluster, ledger))
        tell(Report.heading)
        for _ in 0..<options.rounds {
            try rounds.playOne()
            if let line = rounds.journal.rounds.last.map(Report.line) { tell(line) }
            if rounds.journal.failures.count >= Self.failuresMaximum { break }
        }
        rounds.finish()
        let ended = proxies.filter { !$0.isRunning }.map { "a proxy ended:\n\($0.log.suffix(4_000))" }
        return result(rounds.journal, ended)
    }

    /// After so many failures of the harness the run is given up.
    private static let failuresMaximum = 3

    private func startProxies(_ cluster: LocalCluster, _ ports: [ProxyPorts]) throws -> [ProxyProcess] {
        let configuration = ProxyConfiguration(cluster).with {
            $0.cluster = options.cluster
            $0.lines = ["lanes: \(options.lanes)"]
        }
        let login = MySQLLogin(port: 0, user: cluster.appUser, password: cluster.appPassword)
        return try ports.map { try ProxyProcess.start(configuration, ports: $0, until: login) }
    }

    private func result(_ journal: Journal, _ ended: [String]) -> Result {
        let acknowledged = journal.total.acknowledgements.count
        let errors = journal.total.errorCount
        return Result(
            violations: journal.violations, failures: journal.failures + ended, acknowledged: acknowledged,
            errors: errors, summary: Report(options: options, journal: journal).text,
            lastLine: "\(journal.rounds.count) rounds, \(acknowledged) acknowledged, "
                + "\(journal.violations.count) violations, \(errors) errors")
    }
}
