// A session with the console: its statements, one after the other, each with a budget.
internal import CMySQL
internal import MySQLClient

/// Why the console did not answer.
package struct ConsoleFailure: Error, Equatable, CustomStringConvertible {
    package enum Kind: Sendable, Equatable {
        /// There is no connection, or the login was refused.
        case cannotConnect
        /// The statement failed; the session goes on.
        case statement
        /// The connection is of no use any more: it was lost, or an answer took too long or too much memory.
        case lost
    }

    package let kind: Kind
    /// The error's number as servers and the client library count; 0 for none.
    package let code: Int
    package let sqlState: String
    package let text: String

    package init(kind: Kind, code: Int, sqlState: String = "HY000", text: String) {
        self.kind = kind
        self.code = code
        self.sqlState = sqlState
        self.text = text
    }

    /// As the `mysql` client prints it, safe for a terminal.
    package var description: String {
        code == 0
            ? TerminalText.printable(text) : "ERROR \(code) (\(sqlState)): \(TerminalText.printable(text))"
    }
}

/// Who answers statements: the console, or a test.
package protocol ConsoleAnswering: AnyObject {
    /// Runs one statement and takes its whole answer.
    func run(_ statement: String) throws(ConsoleFailure) -> StatementResult
}

/// A logged-in session. Confined to one thread; closed with the last reference.
package final class ConsoleConnection: ConsoleAnswering {
    private let handle: ClientHandle
    private let timeoutMilliseconds: Int64
    /// A moment before which statements must have ended, whatever `timeoutMilliseconds` says; nil for none.
    package var deadline: Int64?

    /// Connects and logs in, within the target's budget.
    package init(_ target: ConsoleTarget) throws(ConsoleFailure) {
        guard let handle = ClientHandle() else {
            throw ConsoleFailure(kind: .cannotConnect, code: 2008, text: "out of memory for a connection")
        }
        self.handle = handle
        timeoutMilliseconds = target.timeoutMilliseconds
        let login = ClientLogin(
            place: target.place, user: target.user, password: target.password ?? "", programName: "switchyard",
            encryption: target.encryption)
        guard handle.connect(login, deadline: ClientHandle.monotonicMilliseconds() + timeoutMilliseconds) else {
            let failure = handle.isTimedOut ? timedOut("no connection") : failure
            throw ConsoleFailure(
                kind: .cannotConnect, code: failure.code, sqlState: failure.sqlState,
                text: "\(failure.text) (\(target))")
        }
    }

    package func run(_ statement: String) throws(ConsoleFailure) -> StatementResult {
        var until = ClientHandle.monotonicMilliseconds() + timeoutMilliseconds
        if let deadline { until = min(until, deadline) }
        // C ends the text there, and what follows would silently not be run.
        guard !statement.utf8.contains(0) else {
            throw ConsoleFailure(kind: .statement, code: 1064, sqlState: "42000", text: "the statement has a NUL byte")
        }
        guard handle.send(statement, deadline: until) else { throw failed }
        guard let stored = mysql_use_result(handle.mysql) else {
            guard handle.errorNumber == 0 else { throw failed }
            return StatementResult(affectedRows: UInt64(mysql_affected_rows(handle.mysql)))
        }
        defer { mysql_free_result(stored) }
        return try read(stored, deadline: until)
    }

    private func read(
        _ stored: UnsafeMutablePointer<MYSQL_RES>, deadline: Int64
    ) throws(ConsoleFailure) -> StatementResult {
        var result = StatementResult(columns: columns(of: stored))
        let count = result.columns.count
        var bytes = 0
        while let row = handle.nextRow(of: stored, deadline: deadline), let lengths = mysql_fetch_lengths(stored) {
            bytes += (0..<count).reduce(MemoryLayout<String?>.stride * count) { $0 + Int(lengths[$1]) }
            guard bytes <= CommandLineLimits.resultBytes else {
                handle.cut()
                throw ConsoleFailure(
                    kind: .lost, code: 0,
                    text: "the result is larger than \(CommandLineLimits.resultBytes >> 20) MiB: ask for less (LIMIT)")
            }
            result.rows.append(
                (0..<count).map { index in
                    row[index].map { cell in
                        String(decoding: UnsafeRawBufferPointer(start: cell, count: Int(lengths[index])), as: UTF8.self)
                    }
                })
        }
        if handle.isBroken || handle.errorNumber != 0 {
            // What is still on its way must not be waited for when the result is freed.
            let failure = failed
            handle.cut()
            throw failure
        }
        return result
    }

    private func columns(of stored: UnsafeMutablePointer<MYSQL_RES>) -> [ResultColumn] {
        guard let fields = mysql_fetch_fields(stored) else { return [] }
        return (0..<Int(mysql_num_fields(stored))).map { index in
            let field = fields[index]
            let name = field.name.map {
                String(
                    decoding: UnsafeRawBufferPointer(start: $0, count: Int(field.name_length)), as: UTF8.self)
            }
            return ResultColumn(name ?? "", Self.numbers.contains(field.type.rawValue) ? .number : .text)
        }
    }

    private static let numbers: Set<UInt32> = [
        MYSQL_TYPE_TINY.rawValue, MYSQL_TYPE_SHORT.rawValue, MYSQL_TYPE_INT24.rawValue, MYSQL_TYPE_LONG.rawValue,
        MYSQL_TYPE_LONGLONG.rawValue, MYSQL_TYPE_FLOAT.rawValue, MYSQL_TYPE_DOUBLE.rawValue,
        MYSQL_TYPE_DECIMAL.rawValue, MYSQL_TYPE_NEWDECIMAL.rawValue, MYSQL_TYPE_YEAR.rawValue,
    ]

    // MARK: Failures

    private var failed: ConsoleFailure { handle.isTimedOut ? timedOut("no answer") : failure }

    private func timedOut(_ what: String) -> ConsoleFailure {
        ConsoleFailure(kind: .lost, code: 0, text: "\(what) within \(timeoutMilliseconds / 1_000) s")
    }

    private var failure: ConsoleFailure {
        ConsoleFailure(
            kind: handle.isBroken ? .lost : .statement, code: handle.errorNumber, sqlState: handle.sqlState,
            text: handle.errorText)
    }
}
