// `switchyard sql` and `switchyard explain`: statements, one after the other, until one fails.
internal import Foundation

/// Runs statements and prints their answers.
package struct StatementRun {
    private let format: ResultFormat
    private let isForTerminal: Bool
    private let write: (String) -> Void
    private let complain: (String) -> Void

    /// - Parameters:
    ///   - isForTerminal: whether `write` leads to a terminal.
    ///   - write: takes answers.
    ///   - complain: takes errors, a line each.
    package init(
        format: ResultFormat, isForTerminal: Bool, write: @escaping (String) -> Void,
        complain: @escaping (String) -> Void
    ) {
        self.format = format
        self.isForTerminal = isForTerminal
        self.write = write
        self.complain = complain
    }

    /// Runs them in order, and nothing behind one that fails.
    package func run(_ statements: [String], with console: any ConsoleAnswering) -> ClientExit {
        for statement in statements {
            do throws(ConsoleFailure) {
                let result = try console.run(statement)
                write(ResultText(result, isForTerminal: isForTerminal).render(as: format))
            } catch {
                complain("\(error)")
                if statements.count > 1 {
                    complain(
                        "in: \(TerminalText.cut(TerminalText.printable(statement), CommandLineLimits.columnsUsual))")
                }
                return .statementFailed
            }
        }
        return .success
    }

    /// `EXPLAIN ROUTE` of a statement.
    ///
    /// - Parameters:
    ///   - user, schema, cluster: for whom and where; nil for what the console takes by itself.
    package static func explanation(
        of statement: String, user: String?, schema: String?, cluster: String?
    ) -> String {
        var text = "EXPLAIN ROUTE "
        for (word, name) in [("FOR USER", user), ("IN SCHEMA", schema), ("IN CLUSTER", cluster)] {
            if let name { text += "\(word) `\(name.replacing("`", with: "``"))` " }
        }
        return text + statement
    }
}
