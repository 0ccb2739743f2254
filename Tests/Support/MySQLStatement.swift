// A statement prepared by the binary protocol.

import CMySQL
import Glibc

/// A parameter of a prepared statement, by the type it is sent as.
package enum MySQLParameter: Sendable, Equatable {
    case null
    case tiny(Int8)
    case short(Int16)
    case int(Int32)
    case long(Int64)
    case unsignedLong(UInt64)
    case float(Float)
    case double(Double)
    case text(String)
    case bytes([UInt8])
    /// Year, month, day.
    case date(UInt32, UInt32, UInt32)
    /// Hours (may exceed 23), minutes, seconds, microseconds.
    case time(negative: Bool, UInt32, UInt32, UInt32, UInt)
    /// Year, month, day, hour, minute, second, microseconds.
    case timestamp(UInt32, UInt32, UInt32, UInt32, UInt32, UInt32, UInt)
    /// Sent beforehand with `sendLongData`.
    case longData
}

/// A prepared statement of one session; closed with the last reference.
package final class MySQLStatement {
    /// Bytes of one cell that are fetched.
    private static let cellBytesMaximum = 64 << 20

    private let session: MySQLSession
    private let handle: UnsafeMutablePointer<MYSQL_STMT>
    private var memory: [UnsafeMutableRawPointer] = []

    /// COM_STMT_PREPARE.
    package init(_ session: MySQLSession, _ sql: String) throws(MySQLFailure) {
        guard let handle = mysql_stmt_init(session.handle) else { fatalError("out of memory") }
        self.session = session
        self.handle = handle
        let spelled = TestServer.spelled(sql)
        for first in spelled.dropLast() { try session.query(first) }
        guard let sql = spelled.last else { return }
        if mysql_stmt_prepare(handle, sql, UInt(sql.utf8.count)) != 0 { throw failure }
    }

    deinit {
        mysql_stmt_close(handle)
        release()
    }

    /// Called when the first row of a result is here; the library asks for the others one by one.
    package var onFirstRow: (() -> Void)?

    /// The number of `?`.
    package var parameterCount: Int { Int(mysql_stmt_param_count(handle)) }

    /// The columns announced when it was prepared.
    package var columns: [MySQLColumn] {
        guard let metadata = mysql_stmt_result_metadata(handle) else { return [] }
        defer { mysql_free_result(metadata) }
        return session.columns(of: metadata)
    }

    /// Asks for a read-only cursor, fetched so many rows at a time.
    package func useCursor(rows: UInt) {
        var type = UInt(CURSOR_TYPE_READ_ONLY.rawValue)
        mysql_stmt_attr_set(handle, STMT_ATTR_CURSOR_TYPE, &type)
        var rows = rows
        mysql_stmt_attr_set(handle, STMT_ATTR_PREFETCH_ROWS, &rows)
    }

    /// COM_STMT_SEND_LONG_DATA.
    package func sendLongData(_ index: UInt32, _ bytes: [UInt8]) throws(MySQLFailure) {
        let refused = bytes.withUnsafeBytes { bytes in
            bytes.withMemoryRebound(to: CChar.self) {
                mysql_stmt_send_long_data(handle, index, $0.baseAddress, UInt(bytes.count))
            }
        }
        if refused != 0 { throw failure }
    }

    /// COM_STMT_RESET.
    package func reset() throws(MySQLFailure) {
        if mysql_stmt_reset(handle) != 0 { throw failure }
    }

    /// Declares parameters without executing, as `sendLongData` needs.
    package func bind(_ parameters: [MySQLParameter]) throws(MySQLFailure) {
        release()
        guard !parameters.isEmpty else { return }
        let binds = zeroed(MYSQL_BIND.self, count: parameters.count)
        for (index, parameter) in parameters.enumerated() { fill(&binds[index], parameter) }
        if mysql_stmt_bind_param(handle, binds) != 0 { throw failure }
    }

    /// COM_STMT_EXECUTE; gives the first result.
    @discardableResult
    package func execute(_ parameters: [MySQLParameter] = []) throws(MySQLFailure) -> MySQLReply {
        let outcome = outcome(of: parameters)
        if let failure = outcome.failure { throw failure }
        return outcome.replies.first ?? MySQLReply()
    }

    /// COM_STMT_EXECUTE; gives all that was answered.
    package func outcome(of parameters: [MySQLParameter] = []) -> MySQLOutcome {
        do throws(MySQLFailure) {
            try bind(parameters)
        } catch {
            var outcome = MySQLOutcome()
            outcome.failure = error
            return outcome
        }
        return executeBound()
    }

    /// COM_STMT_BULK_EXECUTE, once for each value of the only parameter. The library sends single executions when the
    /// server did not offer it.
    package func executeBulk(_ values: [Int32]) -> MySQLOutcome {
        release()
        var size = UInt32(values.count)
        mysql_stmt_attr_set(handle, STMT_ATTR_ARRAY_SIZE, &size)
        let buffer = zeroed(Int32.self, count: values.count)
        for (index, value) in values.enumerated() { buffer[index] = value }
        let binds = zeroed(MYSQL_BIND.self, count: 1)
        binds[0].buffer_type = MYSQL_TYPE_LONG
        binds[0].buffer = UnsafeMutableRawPointer(buffer)
        if mysql_stmt_bind_param(handle, binds) != 0 {
            var outcome = MySQLOutcome()
            outcome.failure = failure
            return outcome
        }
        return executeBound()
    }

    /// COM_STMT_EXECUTE with the parameters of the last `bind`.
    package func executeBound() -> MySQLOutcome {
        var outcome = MySQLOutcome()
        do throws(MySQLFailure) {
            if mysql_stmt_execute(handle) != 0 { throw failure }
            while true {
                outcome.replies.append(try reply())
                let code = mysql_stmt_next_result(handle)
                if code < 0 { break }
                if code > 0 { throw failure }
            }
        } catch {
            outcome.failure = error
        }
        return outcome
    }

    private func reply() throws(MySQLFailure) -> MySQLReply {
        var reply = MySQLReply()
        let count = Int(mysql_stmt_field_count(handle))
        if count > 0 {
            reply.columns = columns
            try fetchRows(into: &reply, count)
        }
        reply.affectedRows = count > 0 ? UInt64(reply.rows.count) : mysql_stmt_affected_rows(handle)
        reply.insertID = mysql_stmt_insert_id(handle)
        reply.warnings = UInt32(mysql_warning_count(session.handle))
        reply.status = session.status
        return reply
    }

    /// All cells are asked for as text: first their lengths, then each into a buffer of its size.
    private func fetchRows(into reply: inout MySQLReply, _ count: Int) throws(MySQLFailure) {
        let binds = zeroed(MYSQL_BIND.self, count: count)
        let lengths = zeroed(UInt.self, count: count)
        let nulls = zeroed(my_bool.self, count: count)
        let scratch = zeroed(UInt8.self, count: 1)
        for index in 0..<count {
            binds[index].buffer_type = MYSQL_TYPE_STRING
            binds[index].buffer = UnsafeMutableRawPointer(scratch)
            binds[index].length = lengths + index
            binds[index].is_null = nulls + index
        }
        if mysql_stmt_bind_result(handle, binds) != 0 { throw failure }
        while true {
            let code = mysql_stmt_fetch(handle)
            if code == MYSQL_NO_DATA { break }
            if code == 1 { throw failure }
            var row: [String?] = []
            for index in 0..<count {
                row.append(nulls[index] != 0 ? nil : try cell(UInt32(index), binds[index], lengths[index]))
            }
            reply.rows.append(row)
            if reply.rows.count == 1 { onFirstRow?() }
        }
        mysql_stmt_free_result(handle)
    }

    private func cell(_ index: UInt32, _ bind: MYSQL_BIND, _ length: UInt) throws(MySQLFailure) -> String {
        precondition(Int(length) <= Self.cellBytesMaximum, "a test asks for more than it can hold")
        var bind = bind
        // Numbers report their binary length; as text they are longer.
        let capacity = Int(length) + 64
        let buffer = UnsafeMutableRawPointer.allocate(byteCount: capacity, alignment: 8)
        defer { buffer.deallocate() }
        var written: UInt = 0
        bind.buffer = buffer
        bind.buffer_length = UInt(capacity)
        let code = withUnsafeMutablePointer(to: &written) { pointer in
            bind.length = pointer
            return mysql_stmt_fetch_column(handle, &bind, index, 0)
        }
        if code != 0 { throw failure }
        return text(UnsafeRawBufferPointer(start: buffer, count: min(Int(written), capacity)))
    }

    // MARK: Parameters

    private func fill(_ bind: inout MYSQL_BIND, _ parameter: MySQLParameter) {
        switch parameter {
        case .null: bind.buffer_type = MYSQL_TYPE_NULL
        case .tiny(let value): set(&bind, MYSQL_TYPE_TINY, value)
        case .short(let value): set(&bind, MYSQL_TYPE_SHORT, value)
        case .int(let value): set(&bind, MYSQL_TYPE_LONG, value)
        case .long(let value): set(&bind, MYSQL_TYPE_LONGLONG, value)
        case .unsignedLong(let value):
            set(&bind, MYSQL_TYPE_LONGLONG, value)
            bind.is_unsigned = 1
        case .float(let value): set(&bind, MYSQL_TYPE_FLOAT, value)
        case .double(let value): set(&bind, MYSQL_TYPE_DOUBLE, value)
        case .text(let value): set(&bind, MYSQL_TYPE_STRING, bytes: Array(value.utf8))
        case .bytes(let value): set(&bind, MYSQL_TYPE_LONG_BLOB, bytes: value)
        case .longData: set(&bind, MYSQL_TYPE_LONG_BLOB, bytes: [])
        case .date(let year, let month, let day):
            set(&bind, MYSQL_TYPE_DATE, time { ($0.year, $0.month, $0.day) = (year, month, day) })
        case .time(let negative, let hour, let minute, let second, let fraction):
            let value = time {
                ($0.hour, $0.minute, $0.second, $0.second_part) = (hour, minute, second, fraction)
                $0.neg = negative ? 1 : 0
            }
            set(&bind, MYSQL_TYPE_TIME, value)
        case .timestamp(let year, let month, let day, let hour, let minute, let second, let fraction):
            let value = time {
                ($0.year, $0.month, $0.day) = (year, month, day)
                ($0.hour, $0.minute, $0.second, $0.second_part) = (hour, minute, second, fraction)
            }
            set(&bind, MYSQL_TYPE_DATETIME, value)
        }
    }

    private func time(_ fill: (inout MYSQL_TIME) -> Void) -> MYSQL_TIME {
        var value = MYSQL_TIME()
        fill(&value)
        return value
    }

    private func set<Value>(_ bind: inout MYSQL_BIND, _ type: enum_field_types, _ value: Value) {
        let buffer = zeroed(Value.self, count: 1)
        buffer.pointee = value
        bind.buffer_type = type
        bind.buffer = UnsafeMutableRawPointer(buffer)
        bind.buffer_length = UInt(MemoryLayout<Value>.size)
    }

    private func set(_ bind: inout MYSQL_BIND, _ type: enum_field_types, bytes: [UInt8]) {
        let buffer = zeroed(UInt8.self, count: max(1, bytes.count))
        for (index, byte) in bytes.enumerated() { buffer[index] = byte }
        bind.buffer_type = type
        bind.buffer = UnsafeMutableRawPointer(buffer)
        bind.buffer_length = UInt(bytes.count)
        bind.length_value = UInt(bytes.count)
    }

    /// Memory that lives until the next execution.
    private func zeroed<Value>(_ type: Value.Type, count: Int) -> UnsafeMutablePointer<Value> {
        guard let address = calloc(count, MemoryLayout<Value>.stride) else { fatalError("out of memory") }
        memory.append(address)
        return address.bindMemory(to: type, capacity: count)
    }

    private func release() {
        for address in memory { free(address) }
        memory = []
    }

    private var failure: MySQLFailure {
        MySQLFailure(
            code: Int(mysql_stmt_errno(handle)), sqlState: String(cString: mysql_stmt_sqlstate(handle)),
            text: String(cString: mysql_stmt_error(handle)))
    }
}
