// `switchyard run`: the proxy, until a signal ends it.
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
            + "SIGHUP reads the settings file and the certificates again."
    )

    @OptionGroup var file: SettingsFile

    func run() throws {
        let (settings, document) = try file.read()
        let log = settings.startLogging()
        let logger = Logger(label: "switchyard")
        let signals = TerminationSignals()
        DescriptorLimit.raise()
        let server = ProxyServer(settings: settings, document: document, log: log, logger: logger)
        do {
            try server.start()
        } catch {
            FileHandle.standardError.write(Data("switchyard: \(error)\n".utf8))
            throw ExitCode(1)
        }
        let reporter = ServiceNotifier(environment: ProcessInfo.processInfo.environment).map {
            ServiceReporter($0, server)
        }
        let reload = ReloadSignal {
            if let reporter { reporter.reloading { server.reload() } } else { server.reload() }
        }
        defer { reload.end() }
        reporter?.started()
        logger.info("running", metadata: ["version": "\(Version.current)"])
        let signal = signals.wait()
        logger.info("draining", metadata: ["signal": "\(signal)", "clients": "\(server.clientCount)"])
        reporter?.stopping()
        let ended = server.drain()
        reporter?.ended()
        logger.info("stopped", metadata: ["drained": "\(ended)"])
    }
}
