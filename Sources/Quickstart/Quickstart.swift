// The whole demonstration, from nothing to real servers under load and back to nothing.
internal import Configuration
internal import Glibc
internal import LocalCluster
internal import Logging
internal import Proxy
internal import Telemetry
internal import Topology

/// One quickstart. `run` once; what it started is gone when it returns, whatever happened.
package final class Quickstart: Sendable {
    let options: QuickstartOptions
    let screen: Screen
    let interruption: Interruption
    let start = secondsNow()

    /// A quickstart that talks to `screen` and ends early when `interruption` is raised.
    package init(options: QuickstartOptions, screen: Screen, interruption: Interruption) {
        self.options = options
        self.screen = screen
        self.interruption = interruption
    }

    /// Runs everything, and returns when it has ended. Blocks.
    ///
    /// - Returns: true when every operation of the workload succeeded (if need be by trying again) with the right
    ///   answer; false when one did not.
    /// - Throws: what kept it from getting as far as a summary, an interruption included.
    package func run() throws(QuickstartError) -> Bool {
        screen.line("Starting a primary and two replicas (MariaDB, in a temporary folder) …")
        let cluster = try LocalCluster.starting()
        var running: ProxyServer?
        // Everything that is left behind is in the cluster's folder, so this is all there is to clean up.
        defer {
            screen.line("Stopping …")
            running?.stop()
            cluster.stop()
            screen.line("The servers are stopped and their files are removed.")
        }
        try interruption.check()
        for node in cluster.nodes {
            screen.line(
                "  \(node.name)  \(node.address)  \(node.index == cluster.primaryIndex ? "primary" : "replica")")
        }
        let demo = try settings(for: cluster)
        let proxy = try startProxy(demo, cluster)
        running = proxy
        let account = ApplicationAccount(port: demo.clientPort, user: cluster.appUser, password: cluster.appPassword)
        try prepare(account, cluster, proxy)
        let way = "user \(DemoSettings.consoleUser), password \(DemoSettings.consolePassword)"
        screen.line("Look at it while it runs: http://127.0.0.1:\(demo.httpPort)/ (\(way))")
        let summary = try demonstrate(account, cluster, proxy)
        screen.line()
        for line in summary.lines { screen.line(line) }
        explain(demo, cluster, hasConsole: proxy.addresses.count > demo.settings.listeners.count)
        stay()
        return summary.isSuccess
    }

    // MARK: Starting

    private func settings(for cluster: LocalCluster) throws(QuickstartError) -> DemoSettings {
        let wanted = [options.clientPort, options.consolePort, options.httpPort]
        var ports: [UInt16] = []
        for (index, first) in wanted.enumerated() {
            // Nor one that is wanted for something else.
            guard let port = firstFreePort(from: first, except: ports + wanted[(index + 1)...]) else {
                throw .failed("no port is free from \(first) on")
            }
            if port != first { screen.line("  port \(first) is taken: using \(port) instead") }
            ports.append(port)
        }
        let demo: DemoSettings
        do throws(ConfigurationErrors) {
            demo = try DemoSettings(
                server: cluster.nodes[0].address, monitorUser: cluster.monitorUser,
                monitorPassword: cluster.monitorPassword, clientPort: ports[0], consolePort: ports[1],
                httpPort: ports[2])
        } catch {
            throw .failed("\(error)")
        }
        try write(demo.yaml, to: settingsPath(cluster))
        return demo
    }

    private func startProxy(_ demo: DemoSettings, _ cluster: LocalCluster) throws(QuickstartError) -> ProxyServer {
        let log = open(logPath(cluster), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
        guard log >= 0 else { throw .failed("cannot open \(logPath(cluster)): \(String(cString: strerror(errno)))") }
        // Never closed: the log is written to until the process ends.
        let configuration = LogConfiguration(level: .info, descriptor: log)
        configuration.bootstrap()
        screen.line("Starting the proxy on 127.0.0.1:\(demo.clientPort), with one server's address in its settings …")
        let document = SettingsDocument(
            yaml: demo.yaml, file: settingsPath(cluster), directory: cluster.folder, environment: [:])
        let proxy = ProxyServer(
            settings: demo.settings, document: document, log: configuration, logger: Logger(label: "switchyard"))
        do throws(ProxyStartError) { try proxy.start() } catch { throw .failed("\(error)") }
        return proxy
    }

    /// Waits until the proxy knows all nodes, and creates the tables through it.
    private func prepare(
        _ account: ApplicationAccount, _ cluster: LocalCluster, _ proxy: ProxyServer
    ) throws(QuickstartError) {
        let isComplete = interruption.wait(seconds: QuickstartLimits.discoverySeconds) {
            guard let table = proxy.routingTable(DemoSettings.cluster) else { return false }
            return table.gate.isOpen && table.readers.count == cluster.nodes.count - 1
        }
        try interruption.check()
        guard isComplete else {
            let table = proxy.routingTable(DemoSettings.cluster)
            let nodes = table?.entries.map { "\($0.name) \($0.role) \($0.state): \($0.reason)" } ?? []
            throw .failed("the proxy did not find a primary and two replicas:\n" + nodes.joined(separator: "\n"))
        }
        screen.line("  it found the primary and both replicas by itself")
        var session: ApplicationSession?
        var failure = ""
        _ = interruption.wait(seconds: QuickstartLimits.loginSeconds) {
            do throws(SessionError) { session = try account.logIn() } catch { failure = "\(error)" }
            return session != nil
        }
        try interruption.check()
        guard let session else { throw .failed("cannot log in through the proxy: \(failure)") }
        for statement in DemoSchema.statements {
            do throws(SessionError) { try session.run(statement) } catch { throw .failed("\(statement): \(error)") }
        }
        do throws(LocalClusterError) { try cluster.waitUntilReplicated() } catch { throw QuickstartError(error) }
    }

    private func write(_ text: String, to path: String) throws(QuickstartError) {
        let file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        let bytes = Array(text.utf8)
        let written = file < 0 ? -1 : bytes.withUnsafeBytes { Glibc.write(file, $0.baseAddress, $0.count) }
        if file >= 0 { close(file) }
        if written != bytes.count { throw .failed("cannot write \(path): \(String(cString: strerror(errno)))") }
    }

    // MARK: Staying

    private func explain(_ demo: DemoSettings, _ cluster: LocalCluster, hasConsole: Bool) {
        let client = "mariadb -h 127.0.0.1 -P"
        screen.line()
        screen.line("Connect as the application:")
        screen.line("  \(client) \(demo.clientPort) -u \(cluster.appUser) -p\(cluster.appPassword) \(DemoSchema.name)")
        if hasConsole {
            let question = "SELECT node, role, state, reason, epoch FROM routing_table"
            let account = "-u \(DemoSettings.consoleUser) -p\(DemoSettings.consolePassword)"
            screen.line("Ask the console where statements go, and why:")
            screen.line("  \(client) \(demo.consolePort) \(account) -e '\(question)'")
        }
        screen.line("The proxy's log:       \(logPath(cluster))")
        screen.line("The proxy's settings:  \(settingsPath(cluster))")
        screen.line()
        for line in demo.yaml.split(separator: "\n") { screen.line("  \(line)") }
        screen.line()
    }

    private func stay() {
        guard let seconds = options.seconds else {
            screen.line("Running until Ctrl-C.")
            _ = interruption.wait(seconds: .infinity)
            return
        }
        let rest = Double(seconds) - QuickstartLimits.closingSeconds - (secondsNow() - start)
        if rest > 0 {
            screen.line("Running for another \(rest.duration), or until Ctrl-C.")
            _ = interruption.wait(seconds: rest)
        }
    }

    private func settingsPath(_ cluster: LocalCluster) -> String { "\(cluster.folder)/switchyard.yaml" }
    private func logPath(_ cluster: LocalCluster) -> String { "\(cluster.folder)/switchyard.log" }
}

extension LocalCluster {
    /// Starts the usual trio.
    fileprivate static func starting() throws(QuickstartError) -> LocalCluster {
        do throws(LocalClusterError) {
            return try start(LocalClusterOptions(replicas: 2))
        } catch {
            throw QuickstartError(error)
        }
    }
}
