// `switchyard run`: the proxy, until a signal ends it or another process takes its place.
internal import ArgumentParser
internal import Configuration
internal import Dispatch
internal import Foundation
internal import Logging
internal import Proxy
internal import Telemetry

/// `switchyard run --config FILE`.
struct RunCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run",
        abstract:
            "Run the proxy. SIGTERM and SIGINT let running statements and transactions end, then it exits with 0. "
            + "SIGHUP reads the settings file and the certificates again. SIGUSR2 starts the program anew, which takes over "
            + "the listening sockets; then the old process ends as at SIGTERM."
    )

    @OptionGroup var file: SettingsFile

    func run() throws {
        let (settings, document) = try file.read()
        let log = settings.startLogging()
        let logger = Logger(label: "switchyard")
        let signals = TerminationSignals()
        DescriptorLimit.raise()
        let server: ProxyServer
        do {
            let predecessor = try Predecessor.found()
            server = ProxyServer(
                settings: settings, document: document, log: log, logger: logger, predecessor: predecessor)
            if let predecessor {
                try server.takeOver(from: predecessor) { signals.hasCome }
            } else {
                try server.start()
            }
        } catch {
            FileHandle.standardError.write(Data("switchyard: \(error)\n".utf8))
            throw ExitCode(1)
        }
        let reporter = ServiceNotifier(environment: ProcessInfo.processInfo.environment).map {
            ServiceReporter($0, server)
        }
        let reload = CallingSignal(SIGHUP) {
            if let reporter { reporter.reloading { server.reload() } } else { server.reload() }
        }
        defer { reload.end() }
        let handOver = CallingSignal(SIGUSR2) { Self.handOver(server, signals, reporter) }
        defer { handOver.end() }
        reporter?.started()
        logger.info("running", metadata: ["version": "\(Version.current)"])
        let reason = signals.wait()
        let isHandedOver = server.abandonHandOver()
        logger.info("draining", metadata: ["reason": "\(reason)", "clients": "\(server.clientCount)"])
        // The service goes on in the other process then, and is that one's to speak of.
        if isHandedOver { reporter?.ended() } else { reporter?.stopping() }
        let ended = server.drain(isHandedOver: isHandedOver)
        reporter?.ended()
        logger.info("stopped", metadata: ["drained": "\(ended)"])
    }

    /// Not on the signal's queue: another signal that comes meanwhile is answered then, and not after it.
    private static func handOver(_ server: ProxyServer, _ signals: TerminationSignals, _ reporter: ServiceReporter?) {
        DispatchQueue.global().async {
            // The service manager watches over the other process from then on.
            if server.giveOver(mainProcessChanged: { reporter?.handedOver(to: $0) }) { signals.handedOver() }
        }
    }
}
