// A console of fixed answers.

@testable import CommandLineClient

/// Answers statements by the first word that they contain; others fail with error 1064.
final class FakeConsole: ConsoleAnswering {
    private let answers: [(part: String, result: StatementResult)]
    private(set) var statements: [String] = []

    init(_ answers: [(String, StatementResult)] = []) { self.answers = answers.map { (part: $0.0, result: $0.1) } }

    func run(_ statement: String) throws(ConsoleFailure) -> StatementResult {
        statements.append(statement)
        if let answer = answers.first(where: { statement.contains($0.part) }) { return answer.result }
        throw ConsoleFailure(kind: .statement, code: 1064, sqlState: "42000", text: "what is \u{1B}[2J\(statement)?")
    }
}

/// A result by names and rows.
func result(_ columns: [String], _ rows: [[String?]]) -> StatementResult {
    StatementResult(columns: columns.map { ResultColumn($0) }, rows: rows)
}

/// What would clear a screen, set a window's title, and end a line.
let hostile = "SELECT '\u{1B}[2J\u{1B}]0;x\u{7}\u{9B}31m\r\n'"
