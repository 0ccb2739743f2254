// `switchyard explain`: where a statement would go, and why.
internal import ArgumentParser
internal import CommandLineClient

/// `switchyard explain "…"`.
struct ExplainCommand: ParsableCommand {
    /// How a route is printed.
    enum Format: String, CaseIterable, ExpressibleByArgument {
        case text, table, json, csv, tsv, vertical
    }

    static let configuration = CommandConfiguration(
        commandName: "explain",
        abstract: "Tell where a statement would run, and why: the console's EXPLAIN ROUTE.",
        discussion: """
            Nothing is run: the proxy reads the statement as it would read a client's in a new session, and tells the \
            class it gives it, the words that decided, what it would pin, and the verdict on each node. Comments count, \
            so hints can be tried.

            \(ConsoleArguments.notes)

            EXIT CODES: 0 it was explained; 1 it could not be, the reason is on standard error; 2 the command line is \
            wrong; 3 the console cannot be connected to, or refuses the login.

            EXAMPLES:
              switchyard explain 'SELECT * FROM orders WHERE id = 7'
              switchyard explain --for app --schema shop 'SELECT f()'
              switchyard explain 'SELECT 1 /* switchyard: max_lag=500ms */'
            """)

    @Argument(help: "The statement; it goes to the console as it is.")
    var statement: String

    @Option(name: .customLong("for"), help: ArgumentHelp("The client's account.", valueName: "user"))
    var client: String?

    @Option(name: .long, help: "The default schema.")
    var schema: String?

    @Option(name: .long, help: "The cluster; the first one of the settings when absent.")
    var cluster: String?

    @Option(name: .shortAndLong, help: "How the route is printed.")
    var format = Format.text

    @OptionGroup(title: "Console Options") var console: ConsoleArguments

    func run() throws {
        let text = StatementRun.explanation(of: statement, user: client, schema: schema, cluster: cluster)
        let connection = try ConsoleExit.connect(console)
        do throws(ConsoleFailure) {
            let result = try connection.run(text)
            guard let format = ResultFormat(rawValue: format.rawValue) else {
                return Output.write(RouteText.render(result))
            }
            Output.write(ResultText(result, isForTerminal: Output.isTerminal).render(as: format))
        } catch {
            Output.complain("\(error)")
            throw ExitCode(ClientExit.statementFailed.rawValue)
        }
    }
}
