// The command line.
internal import ArgumentParser
internal import CommandLineClient
internal import Foundation
internal import Proxy

/// `switchyard`.
@main
struct Switchyard: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "switchyard",
        abstract: "One endpoint in front of a replicated MySQL or MariaDB cluster.",
        discussion: """
            Shell completions: switchyard --generate-completion-script bash (or zsh, fish). More on a command: switchyard \
            help <subcommand>.
            """,
        version: Version.current,
        subcommands: [RunCommand.self, CheckCommand.self, QuickstartCommand.self, VersionCommand.self],
        groupedSubcommands: [
            CommandGroup(
                name: "Console",
                subcommands: [StatusCommand.self, TopCommand.self, SQLCommand.self, ExplainCommand.self])
        ])

    /// Runs the command. What asks the console has exit codes of its own for a wrong command line: 2, and 3 for `status`,
    /// where 2 says something of a cluster.
    static func main() {
        do {
            var command = try parseAsRoot()
            try command.run()
        } catch {
            guard exitCode(for: error) == .validationFailure, let code = usageCode(CommandLine.arguments) else {
                exit(withError: error)
            }
            FileHandle.standardError.write(Data((fullMessage(for: error) + "\n").utf8))
            Foundation.exit(code)
        }
    }

    /// The exit code of a wrong command line by the words of it; nil for the usual one.
    static func usageCode(_ arguments: [String]) -> Int32? {
        switch arguments.dropFirst().first(where: { !$0.hasPrefix("-") }) {
        case "sql", "explain", "top": ClientExit.usage.rawValue
        case "status": StatusLevel.unreachable.rawValue
        default: nil
        }
    }
}

/// `switchyard version`.
struct VersionCommand: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "version", abstract: "Print the version.")

    func run() { print("switchyard \(Version.current)") }
}
