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

    private static let replicas = 2

    private func clusterOptions(_ lab: NetworkLab?) throws -> LocalCluster.Options {
        var server = ["--innodb-lock-wait-timeout=20"]
        if options.semiSync && options.needsLab {
            let side = options.flavor.isMariaDB ? "master" : "source"
            server.append("--rpl-semi-sync-\(side)-timeout=\(ChaosLimits.semiSyncTimeoutMilliseconds)")
        }
        var cluster = LocalCluster.Options(
            replicas: Self.replicas, semiSync: options.semiSync, flavor: options.flavor, extraServerOptions: server)
        if let lab { cluster.hosts = try lab.nodeHosts(Self.replicas + 1) }
        return cluster
    }

    /// Runs all of it. Throws when something cannot be started, or clients do not come to an end.
    package func execute() throws -> Result {
        let lab = options.needsLab ? try NetworkLab(nodes: Self.replicas + 1, proxies: options.proxies) : nil
        defer { lab?.remove() }
        let cluster = try LocalCluster.start(clusterOptions(lab))
        defer { cluster.stop() }
        let ports = (0..<options.proxies).map { _ in ProxyPorts() }
        let ledger = Ledger(
            options,
            try ports.enumerated().map { index, ports in
                let host = try lab?.host(NetworkLab.proxy(index)).address ?? "127.0.0.1"
                return Ledger.Listener(host: host, port: ports.split)
            })
        try LedgerServers(cluster: cluster, options: options).prepare(accounts: ledger.accounts)
        let proxies = try startProxies(cluster, ports, lab)
        defer { for proxy in proxies { proxy.kill() } }
        var rounds = Rounds(Nemesis(cluster, ledger, lab))
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

    private func startProxies(
        _ cluster: LocalCluster, _ ports: [ProxyPorts], _ lab: NetworkLab?
    ) throws -> [ProxyProcess] {
        // Who is cut off knows it by the nodes that the settings name.
        let nodes = lab == nil ? ProxyConfiguration(cluster) : ProxyConfiguration(nodes: cluster.nodes.map(\.address))
        let configuration = nodes.with {
            $0.cluster = options.cluster
            $0.lines = ["lanes: \(options.lanes)"]
        }
        let login = MySQLLogin(port: 0, user: cluster.appUser, password: cluster.appPassword)
        return try ports.enumerated().map { index, ports in
            if let lab { return try lab.startProxy(index, configuration, ports: ports, until: login) }
            return try ProxyProcess.start(configuration, ports: ports, until: login)
        }
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
