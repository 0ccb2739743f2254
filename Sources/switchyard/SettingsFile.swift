// Reading the settings file, for every command that needs it.
internal import ArgumentParser
internal import Configuration
internal import Foundation
internal import Logging
internal import Telemetry

/// `--config FILE`.
struct SettingsFile: ParsableArguments {
    @Option(name: .long, help: ArgumentHelp("The settings, in YAML.", valueName: "file"))
    var config: String

    /// The settings; every mistake is printed with its line, and the exit code is 1.
    func load() throws -> Settings { try read().settings }

    /// The same with what they were read from, so that they can be changed later.
    func read() throws -> (settings: Settings, document: SettingsDocument) {
        do {
            let document = try SettingsDocument(path: config, environment: ProcessInfo.processInfo.environment)
            return (try document.settings(), document)
        } catch {
            FileHandle.standardError.write(Data("\(error)\n".utf8))
            throw ExitCode(1)
        }
    }
}

extension Settings {
    /// Sets the process's log up. Once.
    func startLogging() -> LogConfiguration {
        let configuration = LogConfiguration(
            level: Logger.Level(rawValue: log.level.rawValue) ?? .info, format: log.format == .json ? .json : .human)
        configuration.bootstrap()
        return configuration
    }
}
