// A whole run: servers, the proxy, sessions that play, a nemesis, and the judgement.

package import ConsistencyChecker
import Foundation
import LocalCluster
import TestSupport

/// Starts everything, plays, and checks what was recorded.
package struct ConsistencyRun {
    private let options: RunOptions

    package init(_ options: RunOptions) { self.options = options }

    /// What came of a run.
    package struct Result {
        package let violations: [Violation]
        package let summary: String
    }

    /// How long sessions that have released everything may be held, in seconds.
    private static let releaseSeconds = 10.0
    /// A run that takes longer than so many milliseconds for each statement hangs.
    private static let millisecondsPerOperation = 30.0
    private static let playSecondsMinimum = 300.0

    /// Servers log in without a password here, and locks are short.
    private var clusterOptions: LocalCluster.Options {
        LocalCluster.Options(
            replicas: 2, flavor: options.flavor,
            extraServerOptions: ["--log-bin-trust-function-creators=1", "--innodb-lock-wait-timeout=5"])
    }

    private func configuration(_ cluster: LocalCluster) -> ProxyConfiguration {
        ProxyConfiguration(cluster).with {
            $0.limits = [
                "server_connections_per_node": "\(options.connectionsPerNode)", "wait_timeout": "60s",
                "waiting_clients": "\(max(1_000, options.sessions))",
            ].merging(options.limits) { $1 }
            // `session` is the default: the key is left out.
            if options.mode != .session { $0.listener["causal_reads"] = options.mode.rawValue }
            $0.lines = ["lanes: \(options.lanes)"]
        }
    }

    /// Runs all of it.
    package func execute() throws -> Result {
        let cluster = try LocalCluster.start(clusterOptions)
        defer { cluster.stop() }
        let preparation = Preparation(cluster: cluster, options: options)
        try preparation.prepare()
        let login = MySQLLogin(port: 0, user: cluster.appUser, password: cluster.appPassword)
        let proxy = try ProxyProcess.start(configuration(cluster), until: login)
        defer { proxy.kill() }
        let ground = Ground(
            options, port: proxy.ports.split, replicaPort: cluster.nodes[1].port, defaults: try preparation.defaults())
        let started = monotonicSeconds()
        let (players, counts) = try play(cluster, ground)
        let seconds = monotonicSeconds() - started
        var history = History(sessions: players.map(\.entries))
        history.pins = try keptPins(proxy, players)
        for player in players { player.close() }
        try preparation.complete(&history)
        history.promise = options.mode == .global ? .global : .session
        history.bearable = ErrorCodes.bearable
        if options.switchovers > 0 {
            history.bearable.formUnion(ErrorCodes.bearableInSwitchover)
            history.locksLast = false
        }
        let violations = Checker.violations(history, without: options.ignored)
        let report = Report(options: options, history: history, counts: counts, seconds: seconds)
        let failures = proxy.isRunning ? [] : ["the proxy ended:\n\(proxy.log.suffix(4_000))"]
        return Result(
            violations: violations, summary: ([report.text] + counts.failures + failures).joined(separator: "\n"))
    }

    private func play(_ cluster: LocalCluster, _ ground: Ground) throws -> ([Player], Nemesis.Counts) {
        let nemesis = Nemesis(cluster, ground)
        let limit = max(Self.playSecondsMinimum, Double(options.operations) * Self.millisecondsPerOperation / 1_000)
        let threads = (0..<options.sessions).map { session in
            Background { try Self.play(ground, session) }
        }
        let disturbance = Background { nemesis.run() }
        defer { nemesis.stop() }
        let players = try threads.flatMap { try $0.value(seconds: limit) }
        nemesis.stop()
        return (players, try disturbance.value())
    }

    /// One session after the other, should a connection break.
    private static func play(_ ground: Ground, _ session: Int) throws -> [Player] {
        var players = [try Player(ground, session: session)]
        players[0].play()
        while !ground.isOver {
            let next = try Player(ground, session: ground.successor())
            players.append(next)
            next.play()
        }
        return players
    }

    /// What holds sessions that have nothing any more, when it does not go away.
    private func keptPins(_ proxy: ProxyProcess, _ players: [Player]) throws -> [String] {
        let console = try MySQLSession(proxy.console)
        let deadline = monotonicSeconds() + Self.releaseSeconds
        while true {
            let rows = try console.rows("SELECT session, reason, statement FROM pins")
            let kept = rows.filter { !Report.isHarmless($0[1] ?? "") }
            if kept.isEmpty || monotonicSeconds() > deadline {
                return kept.map { row in
                    let player = players.first { "\($0.client.connectionID)" == row[0] }
                    let holding =
                        player?.entries.filter { Report.mayHold($0.statement) }.suffix(Report.shownHolds) ?? []
                    return "\(row[1] ?? ""), now at \(row[2] ?? "nothing")" + holding.map { "\n    \($0)" }.joined()
                }
            }
            usleep(200_000)
        }
    }
}
