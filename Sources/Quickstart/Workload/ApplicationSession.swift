// One connection of the demonstration's application: libmariadb, blocking, as an application would use it.
internal import CMySQL
internal import Glibc

/// An error as the client library reports it.
struct SessionError: Error, Equatable, CustomStringConvertible {
    /// The number: below 2000 and from 3000 on the server's or the proxy's, 2000 to 2999 the library's own.
    let code: Int
    let text: String

    var description: String { "\(code) \(text)" }

    /// The connection is of no use any more, and says so itself.
    var isConnectionLost: Bool { (2_000..<3_000).contains(code) }

    /// A row with this key exists already (`ER_DUP_ENTRY`).
    var isDuplicate: Bool { code == 1062 }
}

/// A logged-in session. Confined to the queue of whoever made it; closed with the last reference.
final class ApplicationSession {
    private let handle: UnsafeMutablePointer<MYSQL>

    /// Logs in over TCP to 127.0.0.1. The client library must have been used before by one thread alone: its first
    /// use initialises it, and the watcher's probes have done that before the proxy takes a login.
    init(port: UInt16, user: String, password: String, schema: String) throws(SessionError) {
        guard let handle = mysql_init(nil) else { throw SessionError(code: 2008, text: "out of memory") }
        self.handle = handle
        var connect = QuickstartLimits.connectSeconds
        var answer = QuickstartLimits.answerSeconds
        mysql_options(handle, MYSQL_OPT_CONNECT_TIMEOUT, &connect)
        mysql_options(handle, MYSQL_OPT_READ_TIMEOUT, &answer)
        mysql_options(handle, MYSQL_OPT_WRITE_TIMEOUT, &answer)
        mysql_options(handle, MYSQL_SET_CHARSET_NAME, "utf8mb4")
        mysql_options4(handle, MYSQL_OPT_CONNECT_ATTR_ADD, "program_name", "switchyard quickstart")
        guard mysql_real_connect(handle, "127.0.0.1", user, password, schema, UInt32(port), nil, 0) != nil else {
            throw currentError()
        }
    }

    deinit { mysql_close(handle) }

    /// Runs one statement and gives its rows, nil for NULL.
    @discardableResult
    func run(_ statement: String) throws(SessionError) -> [[String?]] {
        guard mysql_real_query(handle, statement, UInt(statement.utf8.count)) == 0 else { throw currentError() }
        guard let result = mysql_store_result(handle) else {
            if mysql_errno(handle) != 0 { throw currentError() }
            return []
        }
        defer { mysql_free_result(result) }
        let columns = Int(mysql_num_fields(result))
        var rows: [[String?]] = []
        while let row = mysql_fetch_row(result) {
            rows.append((0..<columns).map { row[$0].map { String(cString: $0) } })
        }
        return rows
    }

    private func currentError() -> SessionError {
        let text = mysql_error(handle).map { String(cString: $0) } ?? ""
        return SessionError(code: Int(mysql_errno(handle)), text: String(text.prefix(QuickstartLimits.errorCharacters)))
    }
}
