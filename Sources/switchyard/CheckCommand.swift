// `switchyard check`: are the settings right, and what would run?
internal import ArgumentParser
internal import Configuration
internal import Foundation
internal import Proxy

/// `switchyard check --config FILE`.
struct CheckCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check", abstract: "Validate a settings file and print what would run; exit code 1 on a mistake.")

    @OptionGroup var file: SettingsFile

    func run() throws {
        let settings = try file.load()
        let mistakes = CertificateCheck.expired(in: settings)
        for mistake in mistakes {
            FileHandle.standardError.write(Data("switchyard: \(file.config): \(mistake)\n".utf8))
        }
        guard mistakes.isEmpty else { throw ExitCode(1) }
        for line in settings.summary { print(line) }
    }
}
