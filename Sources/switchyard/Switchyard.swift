// The command line.
internal import ArgumentParser
internal import Proxy

/// `switchyard`.
@main
struct Switchyard: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "switchyard",
        abstract: "One endpoint in front of a replicated MySQL or MariaDB cluster.",
        version: Version.current,
        subcommands: [RunCommand.self, CheckCommand.self, QuickstartCommand.self, VersionCommand.self])
}

/// `switchyard version`.
struct VersionCommand: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "version", abstract: "Print the version.")

    func run() { print("switchyard \(Version.current)") }
}
