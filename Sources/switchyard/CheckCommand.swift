// `switchyard check`: are the settings right, and what would run?
internal import ArgumentParser
internal import CommandLineClient
internal import Configuration
internal import Foundation
internal import Proxy

/// `switchyard check --config FILE [--connect]`.
struct CheckCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check", abstract: "Validate a settings file and print what would run; exit code 1 on a mistake.",
        discussion: """
            With --connect, every node is asked with the monitor account for all that Switchyard needs of it. Printed are \
            the servers with their roles, encryption, clocks and ids, what is wrong with them, and the GRANTs that are \
            lacking as SQL. Nothing is changed. The exit code is 1 when there is a problem.
            """)

    @OptionGroup var file: SettingsFile

    @Flag(name: .long, help: "Connect to the nodes, too.")
    var connect = false

    @Option(name: .long, help: ArgumentHelp("The time for one node.", valueName: "seconds"))
    var connectTimeout = ConnectCheck.secondsDefault

    func validate() throws {
        guard ConnectCheck.secondsRange.contains(connectTimeout) else {
            let range = ConnectCheck.secondsRange
            throw ValidationError("--connect-timeout must be \(range.lowerBound) to \(range.upperBound).")
        }
    }

    func run() throws {
        let settings = try file.load()
        let mistakes = CertificateCheck.expired(in: settings)
        for mistake in mistakes {
            FileHandle.standardError.write(Data("switchyard: \(file.config): \(mistake)\n".utf8))
        }
        guard mistakes.isEmpty else { throw ExitCode(1) }
        for line in settings.summary { print(line) }
        if connect { try look(settings) }
    }

    private func look(_ settings: Settings) throws {
        let report = ConnectCheck.run(settings, seconds: connectTimeout)
        // Servers' words are among them.
        for line in report.lines { print(TerminalText.printable(line)) }
        guard report.problems > 0 else { return }
        let count = report.problems == 1 ? "1 problem" : "\(report.problems) problems"
        FileHandle.standardError.write(Data("switchyard: \(count) at the nodes\n".utf8))
        throw ExitCode(1)
    }
}
