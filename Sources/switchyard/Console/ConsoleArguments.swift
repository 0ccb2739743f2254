// The options of every command that asks a running proxy's console.
internal import ArgumentParser
internal import CommandLineClient
internal import Configuration
internal import Foundation

/// `--config`, `--host`, `--port`, `--user`, `--password-file`, `--tls`, `--ca`, `--timeout`.
struct ConsoleArguments: ParsableArguments {
    /// What each of these commands says at the end of its help.
    static let notes = """
        CONSOLE: the address and the account are those of --host, --port and --user, else those of the settings file \
        of --config (its first account with a password), else admin at 127.0.0.1:6307. The password is that of \
        --password-file, else of the environment's \(ConsoleOptions.passwordVariable), else the settings file's; on a \
        terminal it is asked for otherwise. It cannot be given as an option, where other users of the machine would \
        see it.
        """

    @Option(
        name: .long,
        help: ArgumentHelp("The settings file of the proxy, for the console's address and account.", valueName: "file"),
        completion: .file(extensions: ["yaml", "yml"]))
    var config: String?

    @Option(name: .long, help: "The console's host, or the path of its Unix socket.")
    var host: String?

    @Option(name: .long, help: "The console's port.")
    var port: UInt16?

    @Option(name: .long, help: "The console's account; one with `role: read_only` does for all that changes nothing.")
    var user: String?

    @Option(
        name: .long, help: ArgumentHelp("A file whose first line is the password.", valueName: "file"),
        completion: .file())
    var passwordFile: String?

    @Flag(name: .long, help: "Go on with TLS only; without this it is used if the console offers it.")
    var tls = false

    @Option(
        name: .long,
        help: ArgumentHelp(
            "Who may sign the console's certificate, in PEM: TLS only, and the certificate must be for the host.",
            valueName: "file"), completion: .file())
    var ca: String?

    @Option(
        name: .long,
        help: ArgumentHelp("Seconds that connecting, and each statement, may take.", valueName: "seconds"))
    var timeout = CommandLineLimits.timeoutSeconds

    func validate() throws {
        if !CommandLineLimits.timeoutSecondsRange.contains(timeout) {
            let range = CommandLineLimits.timeoutSecondsRange
            throw ValidationError("--timeout must be \(range.lowerBound) to \(range.upperBound).")
        }
        if port == 0 { throw ValidationError("--port must be 1 to 65535.") }
    }

    /// Where the console is, and as whom it is asked; a password that nobody said is asked for on a terminal.
    func target() throws(UsageProblem) -> ConsoleTarget {
        var options = ConsoleOptions()
        options.host = host
        options.port = port
        options.user = user
        options.passwordFile = passwordFile
        options.requiresTLS = tls
        options.authority = ca
        options.timeoutSeconds = timeout
        var target = try options.target(
            environment: ProcessInfo.processInfo.environment, console: try consoleSettings())
        if target.password == nil {
            let isPerson = isatty(STDIN_FILENO) == 1
            guard isPerson else { return target }
            guard let typed = PasswordPrompt.ask("Password of \(target): ") else {
                throw UsageProblem("no password was given")
            }
            target.password = typed
        }
        return target
    }

    private func consoleSettings() throws(UsageProblem) -> ConsoleSettings? {
        guard let config else { return nil }
        do {
            let document = try SettingsDocument(path: config, environment: ProcessInfo.processInfo.environment)
            if let console = try document.settings().console { return console }
        } catch {
            throw UsageProblem("\(error)")
        }
        throw UsageProblem("\(config) has no console")
    }
}

/// What commands print.
enum Output {
    static var isTerminal: Bool { isatty(STDOUT_FILENO) == 1 }

    /// Writes to standard output; nobody reading any more ends the process quietly, as it ends `cat`.
    static func write(_ text: String) {
        do {
            try FileHandle.standardOutput.write(contentsOf: Data(text.utf8))
        } catch {
            exit(0)
        }
    }

    /// Writes a line to standard error.
    static func complain(_ text: String) {
        FileHandle.standardError.write(Data("switchyard: \(text)\n".utf8))
    }
}
