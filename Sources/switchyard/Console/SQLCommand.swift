// `switchyard sql`: statements of the console.
internal import ArgumentParser
internal import CommandLineClient
internal import Foundation

extension ResultFormat: ExpressibleByArgument {}

/// `switchyard sql "…"`.
struct SQLCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sql",
        abstract: "Run statements of a running proxy's console and print what they answer.",
        discussion: """
            SHOW TABLES lists what there is, HELP and SHOW CREATE TABLE explain it. Statements between semicolons are \
            run one after the other, until one fails. A statement of `-`, or none, is read from standard input.

            FORMATS: table; json: for each statement an array of objects, numbers as numbers, NULL as null; csv: RFC \
            4180, NULL is an empty field and the empty text a pair of quotes; tsv: \\N is NULL, \\t and \\n stand for tab \
            and line end; vertical: a line for each value. What a terminal would obey is shown as an escape.

            \(ConsoleArguments.notes)

            EXIT CODES: 0 everything was answered; 1 a statement failed, its number and text are on standard error; 2 \
            the command line is wrong; 3 the console cannot be connected to, or refuses the login.

            EXAMPLES:
              switchyard sql 'SELECT node, role, state, lag_ms FROM routing_table'
              switchyard sql --format json 'SELECT * FROM digests LIMIT 10' | jq '.[].text'
              switchyard sql --config /etc/switchyard.yaml 'PAUSE CLUSTER main FOR 30 SECONDS'
              echo 'SHOW SETTINGS DIFF; APPLY' | switchyard sql -
            """)

    @Argument(help: ArgumentHelp("Statements, or - for standard input.", valueName: "statements"))
    var statements: [String] = []

    @Option(name: .shortAndLong, help: "How results are printed.")
    var format = ResultFormat.table

    @OptionGroup(title: "Console Options") var console: ConsoleArguments

    func run() throws {
        let text = try text()
        let all = text.flatMap(StatementSplitter.statements)
        guard !all.isEmpty else { throw ConsoleExit.usage("there is no statement") }
        let run = StatementRun(
            format: format, isForTerminal: Output.isTerminal, write: Output.write, complain: Output.complain)
        try ConsoleExit.end(run.run(all, with: try ConsoleExit.connect(console)))
    }

    private func text() throws -> [String] {
        guard statements.isEmpty || statements == ["-"] else { return statements }
        if statements.isEmpty && isatty(STDIN_FILENO) == 1 { throw ConsoleExit.usage("there is no statement") }
        let maximum = CommandLineLimits.inputBytes
        var data = Data()
        while data.count <= maximum {
            guard let part = try FileHandle.standardInput.read(upToCount: 64 << 10), !part.isEmpty else { break }
            data += part
        }
        guard data.count <= maximum else {
            throw ConsoleExit.usage("standard input has more than \(maximum >> 20) MiB")
        }
        guard let text = String(validating: data, as: UTF8.self) else {
            throw ConsoleExit.usage("standard input is no text in UTF-8")
        }
        return [text]
    }
}

/// How the commands of the console end.
enum ConsoleExit {
    /// Complains about the command line.
    static func usage(_ text: String) -> ExitCode {
        Output.complain(text)
        return ExitCode(ClientExit.usage.rawValue)
    }

    static func end(_ status: ClientExit) throws {
        if status != .success { throw ExitCode(status.rawValue) }
    }

    /// A session; complains and throws the exit code when there can be none.
    static func connect(_ arguments: ConsoleArguments) throws -> ConsoleConnection {
        let target: ConsoleTarget
        do throws(UsageProblem) {
            target = try arguments.target()
        } catch {
            throw usage("\(error)")
        }
        do throws(ConsoleFailure) {
            return try ConsoleConnection(target)
        } catch {
            Output.complain("\(error)")
            throw ExitCode(ClientExit.cannotConnect.rawValue)
        }
    }
}
