// A thin wrapper over libmariadb: a session with a server, used by one thread at a time.

import CMySQL
import Foundation

/// How a session is opened.
package struct MySQLLogin: Sendable {
    package var host: String
    package var port: UInt16
    package var user: String
    package var password: String
    package var schema: String?
    /// `CLIENT_…` flags; several statements in one text and several results are on unless changed.
    package var flags: UInt = UInt(CLIENT_MULTI_STATEMENTS) | UInt(CLIENT_MULTI_RESULTS)
    package var characterSet = "utf8mb4"
    /// The largest packet the library takes, in bytes.
    package var packetBytes: UInt = 128 << 20
    package var timeoutSeconds: UInt32 = 60
    package var allowsLocalInfile = true
    /// The authentication plugin the client begins with; nil for the library's own choice.
    package var authenticationPlugin: String?
    package var attributes: [(String, String)] = []
    /// Whether it goes on with TLS only; whose certificate that is does not matter.
    package var requiresTLS = false

    package init(
        host: String = "127.0.0.1", port: UInt16, user: String, password: String, schema: String? = nil
    ) {
        self.host = host
        self.port = port
        self.user = user
        self.password = password
        self.schema = schema
    }

    /// The same with something changed.
    package func with(_ change: (inout MySQLLogin) -> Void) -> MySQLLogin {
        var copy = self
        change(&copy)
        return copy
    }
}

/// A session. Closed with the last reference.
package final class MySQLSession {
    let handle: UnsafeMutablePointer<MYSQL>
    private var isOpen = true

    /// The library's global state is not made by several threads at once.
    private static let library: Int32 = mysql_server_init(0, nil, nil)

    /// Connects and logs in.
    package init(_ login: MySQLLogin) throws(MySQLFailure) {
        _ = Self.library
        guard let handle = mysql_init(nil) else { fatalError("out of memory") }
        self.handle = handle
        var seconds = login.timeoutSeconds
        mysql_options(handle, MYSQL_OPT_CONNECT_TIMEOUT, &seconds)
        mysql_options(handle, MYSQL_OPT_READ_TIMEOUT, &seconds)
        mysql_options(handle, MYSQL_OPT_WRITE_TIMEOUT, &seconds)
        var transport = MYSQL_PROTOCOL_TCP.rawValue
        mysql_options(handle, MYSQL_OPT_PROTOCOL, &transport)
        mysql_options(handle, MYSQL_SET_CHARSET_NAME, login.characterSet)
        var packetBytes = login.packetBytes
        mysql_options(handle, MYSQL_OPT_MAX_ALLOWED_PACKET, &packetBytes)
        var localInfile: UInt32 = login.allowsLocalInfile ? 1 : 0
        mysql_options(handle, MYSQL_OPT_LOCAL_INFILE, &localInfile)
        if let plugin = login.authenticationPlugin { mysql_options(handle, MYSQL_DEFAULT_AUTH, plugin) }
        if login.requiresTLS {
            var enforced: my_bool = 1
            mysql_options(handle, MYSQL_OPT_SSL_ENFORCE, &enforced)
        }
        for (name, value) in login.attributes { mysql_options4(handle, MYSQL_OPT_CONNECT_ATTR_ADD, name, value) }
        let connected = mysql_real_connect(
            handle, login.host, login.user, login.password, login.schema, UInt32(login.port), nil, login.flags)
        if connected == nil {
            let failure = failure
            close()
            throw failure
        }
    }

    deinit { close() }

    /// Says goodbye.
    package func close() {
        guard isOpen else { return }
        isOpen = false
        mysql_close(handle)
    }

    /// Closes the socket without a word, as a client that crashes does.
    package func vanish() {
        shutdown(descriptor, Int32(SHUT_RDWR))
        close()
    }

    /// The socket, for bytes that the library would not send.
    package var descriptor: Int32 { mysql_get_socket(handle) }

    /// The version in the greeting.
    package var serverVersion: String { mysql_get_server_info(handle).map { String(cString: $0) } ?? "" }

    /// The connection id in the greeting.
    package var connectionID: UInt { mysql_thread_id(handle) }

    /// The character set id in the greeting.
    package var greetingCollation: UInt32 { handle.pointee.server_language }

    /// The session status flags of the last answer.
    package var status: UInt32 { handle.pointee.server_status & MySQLReply.sessionStatus }

    var failure: MySQLFailure {
        MySQLFailure(
            code: Int(mysql_errno(handle)), sqlState: String(cString: mysql_sqlstate(handle)),
            text: String(cString: mysql_error(handle)))
    }

    // MARK: Statements

    /// Runs a text and gives its first result; throws its error, or that of a later statement in the text.
    @discardableResult
    package func query(_ sql: String) throws(MySQLFailure) -> MySQLReply {
        let outcome = outcome(of: sql)
        if let failure = outcome.failure { throw failure }
        return outcome.replies.first ?? MySQLReply()
    }

    /// The rows of a text's first result.
    package func rows(_ sql: String) throws(MySQLFailure) -> [[String?]] { try query(sql).rows }

    /// The first cell of a text's first result.
    package func value(_ sql: String) throws(MySQLFailure) -> String? { try query(sql).value }

    /// The error that a text ends in; nil when it succeeds.
    package func error(of sql: String) -> MySQLFailure? { outcome(of: sql).failure }

    /// Runs a text and gives all that was answered.
    package func outcome(of sql: String) -> MySQLOutcome {
        var outcome = MySQLOutcome()
        for var sql in TestServer.spelled(sql) {
            outcome = sql.withUTF8 { bytes in
                bytes.withMemoryRebound(to: CChar.self) { self.outcome(of: $0) }
            }
        }
        return outcome
    }

    private func outcome(of sql: UnsafeBufferPointer<CChar>) -> MySQLOutcome {
        var outcome = MySQLOutcome()
        guard mysql_real_query(handle, sql.baseAddress, UInt(sql.count)) == 0 else {
            outcome.failure = failure
            return outcome
        }
        while true {
            do throws(MySQLFailure) {
                outcome.replies.append(try storedReply())
            } catch {
                outcome.failure = error
                return outcome
            }
            let code = mysql_next_result(handle)
            if code > 0 { outcome.failure = failure }
            if code != 0 { return outcome }
        }
    }

    private func storedReply() throws(MySQLFailure) -> MySQLReply {
        var reply = MySQLReply()
        if let stored = mysql_store_result(handle) {
            defer { mysql_free_result(stored) }
            reply.columns = columns(of: stored)
            while let row = mysql_fetch_row(stored), let lengths = mysql_fetch_lengths(stored) {
                reply.rows.append(
                    reply.columns.indices.map { index in
                        row[index].map { text(UnsafeRawBufferPointer(start: $0, count: Int(lengths[index]))) }
                    })
            }
        } else if mysql_errno(handle) != 0 {
            throw failure
        }
        reply.affectedRows = mysql_affected_rows(handle)
        reply.insertID = mysql_insert_id(handle)
        reply.warnings = mysql_warning_count(handle)
        reply.info = mysql_info(handle).map { String(cString: $0) }
        reply.status = status
        return reply
    }

    /// Sends a text and does not wait for its answer.
    package func send(_ sql: String) throws(MySQLFailure) {
        let sql = TestServer.spelled(sql).last ?? sql
        if mysql_send_query(handle, sql, UInt(sql.utf8.count)) != 0 { throw failure }
    }

    /// Reads the answer to `send`; throws its error.
    @discardableResult
    package func receive() throws(MySQLFailure) -> MySQLReply {
        if mysql_read_query_result(handle) != 0 { throw failure }
        return try storedReply()
    }

    /// Reads the answer to `send` row by row and counts the rows.
    package func receiveRowCount() throws(MySQLFailure) -> Int {
        if mysql_read_query_result(handle) != 0 { throw failure }
        guard let result = mysql_use_result(handle) else { throw failure }
        defer { mysql_free_result(result) }
        var count = 0
        while mysql_fetch_row(result) != nil { count += 1 }
        if mysql_errno(handle) != 0 { throw failure }
        return count
    }

    // MARK: Other commands

    /// COM_PING.
    package func ping() throws(MySQLFailure) { try check(mysql_ping(handle)) }

    /// COM_INIT_DB.
    package func selectSchema(_ name: String) throws(MySQLFailure) { try check(mysql_select_db(handle, name)) }

    /// COM_RESET_CONNECTION.
    package func reset() throws(MySQLFailure) { try check(mysql_reset_connection(handle)) }

    /// COM_CHANGE_USER.
    package func changeUser(_ user: String, _ password: String, _ schema: String?) throws(MySQLFailure) {
        try check(Int32(mysql_change_user(handle, user, password, schema)))
    }

    /// COM_STATISTICS.
    package func statistics() throws(MySQLFailure) -> String {
        guard let text = mysql_stat(handle), mysql_errno(handle) == 0 else { throw failure }
        return String(cString: text)
    }

    /// COM_FIELD_LIST.
    package func fieldList(_ table: String, like pattern: String? = nil) throws(MySQLFailure) -> [MySQLColumn] {
        guard let result = mysql_list_fields(handle, table, pattern) else { throw failure }
        defer { mysql_free_result(result) }
        return columns(of: result)
    }

    /// COM_SET_OPTION: whether one text may hold several statements.
    package func setMultiStatements(_ enabled: Bool) throws(MySQLFailure) {
        let option = enabled ? MYSQL_OPTION_MULTI_STATEMENTS_ON : MYSQL_OPTION_MULTI_STATEMENTS_OFF
        try check(mysql_set_server_option(handle, option))
    }

    private func check(_ code: Int32) throws(MySQLFailure) {
        if code != 0 { throw failure }
    }

    func columns(of result: UnsafeMutablePointer<MYSQL_RES>) -> [MySQLColumn] {
        guard let fields = mysql_fetch_fields(result) else { return [] }
        func string(_ pointer: UnsafeMutablePointer<CChar>?, _ length: UInt32) -> String {
            pointer.map { text(UnsafeRawBufferPointer(start: $0, count: Int(length))) } ?? ""
        }
        return (0..<Int(mysql_num_fields(result))).map { index in
            let field = fields[index]
            return MySQLColumn(
                name: string(field.name, field.name_length),
                originalName: string(field.org_name, field.org_name_length),
                table: string(field.table, field.table_length),
                originalTable: string(field.org_table, field.org_table_length),
                schema: string(field.db, field.db_length), type: field.type.rawValue, length: field.length,
                flags: field.flags, decimals: field.decimals, characterSet: field.charsetnr)
        }
    }
}

/// Bytes as text that loses nothing: UTF-8, or `0x…` when they are none.
func text(_ bytes: UnsafeRawBufferPointer) -> String {
    if let string = String(validating: bytes, as: UTF8.self) { return string }
    return "0x" + bytes.map { String(format: "%02x", $0) }.joined()
}
