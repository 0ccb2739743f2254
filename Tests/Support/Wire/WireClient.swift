// A blocking client of the protocol, small enough that hundreds of them take less CPU than what they test.

import Glibc

/// What a statement ended in.
package struct Refusal: Error, Sendable {
    package let code: Int
    package let text: String

    /// The connection is gone, or nothing came for a minute.
    static func lost(_ text: String) -> Refusal { Refusal(code: WireClient.lostCode, text: text) }
}

/// One result.
package struct Reply: Sendable {
    package var rows: [[String?]] = []
    package var affectedRows = 0
    package var insertID = 0
    package var warnings = 0

    package init() {}

    /// The first cell; nil for NULL and when there is none.
    package var value: String? { rows.first?.first ?? nil }
}

/// A session with a server or a proxy, with an account that has no password. Used by one thread.
package final class WireClient {
    /// The code that clients themselves give to a connection that broke.
    package static let lostCode = 2013
    private static let timeoutSeconds = 90

    private let descriptor: Int32
    private let hasDeprecatedEOF: Bool
    private var input: [UInt8] = []
    private var position = 0
    private var scratch = [UInt8](repeating: 0, count: 16_384)
    private var sequence: UInt8 = 0
    private var statements: [String: Prepared] = [:]
    private var isOpen = true
    /// The connection's number, as the greeting tells it.
    package private(set) var connectionID = 0

    private struct Prepared {
        let id: [UInt8]
        let parameters: Int
    }

    private enum Command {
        static let quit: UInt8 = 0x01
        static let schema: UInt8 = 0x02
        static let query: UInt8 = 0x03
        static let prepare: UInt8 = 0x16
        static let execute: UInt8 = 0x17
        static let close: UInt8 = 0x19
        static let reset: UInt8 = 0x1f
    }

    /// Connects and logs in.
    /// - Parameter host: an IPv4 address.
    /// - Parameter deprecatesEOF: whether results end in an OK packet.
    package init(
        host: String = "127.0.0.1", port: UInt16, user: String, schema: String, plugin: String,
        deprecatesEOF: Bool = true
    ) throws(Refusal) {
        hasDeprecatedEOF = deprecatesEOF
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        guard inet_pton(AF_INET, host, &address.sin_addr) == 1 else { throw .lost("\(host) is no IPv4 address") }
        let socket = descriptor
        let code = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(socket, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        if code != 0 { throw .lost("cannot connect to \(host):\(port): \(errno)") }
        var time = timeval(tv_sec: Self.timeoutSeconds, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &time, socklen_t(MemoryLayout<timeval>.size))
        var on: Int32 = 1
        setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &on, socklen_t(MemoryLayout<Int32>.size))
        try logIn(user, schema, plugin)
    }

    deinit { close() }

    package func close() {
        if isOpen {
            _ = try? send([Command.quit])
            Glibc.close(descriptor)
        }
        isOpen = false
    }

    /// No password: an empty answer to the challenge, or to caching_sha2_password its terminator.
    private func logIn(_ user: String, _ schema: String, _ plugin: String) throws(Refusal) {
        let greeting = try receive()
        try throwError(greeting)
        // A version byte, the server's version up to its zero, and then the number.
        if let end = greeting.dropFirst().firstIndex(of: 0) {
            connectionID = greeting.dropFirst(end + 1).prefix(4).reversed().reduce(0) { $0 << 8 | Int($1) }
        }
        let extra: RawFlags = hasDeprecatedEOF ? [.deprecateEOF] : []
        let flags = RawFlags.ordinary.union(extra).rawValue
        var payload = (0..<4).map { UInt8(truncatingIfNeeded: flags >> (8 * $0)) }
        payload += [0, 0, 0, 1, 45] + [UInt8](repeating: 0, count: 23)
        payload += Array(user.utf8) + [0, 0] + Array(schema.utf8) + [0] + Array(plugin.utf8) + [0]
        try write(payload, sequence: 1)
        var answer = try receive()
        if answer.first == 0xfe {
            try write(plugin == "caching_sha2_password" ? [0] : [], sequence: sequence &+ 1)
            answer = try receive()
        }
        // caching_sha2_password says that its fast way was taken.
        if answer.first == 0x01 { answer = try receive() }
        try throwError(answer)
    }

    // MARK: Commands

    /// COM_QUERY: all results.
    package func query(_ sql: String) throws(Refusal) -> [Reply] {
        try send([Command.query] + Array(sql.utf8))
        var replies: [Reply] = []
        while true {
            let (reply, hasMore) = try receiveReply(isBinary: false)
            replies.append(reply)
            if !hasMore { return replies }
        }
    }

    /// COM_STMT_EXECUTE with all parameters as texts of up to 250 bytes; prepared first, once for each text.
    package func execute(_ sql: String, _ values: [String]) throws(Refusal) -> [Reply] {
        let cells = values.map { [UInt8($0.utf8.count)] + Array($0.utf8) }
        return try execute(sql, ColumnType.varString, cells)
    }

    /// The same with all parameters as integers.
    package func execute(_ sql: String, _ values: [Int]) throws(Refusal) -> [Reply] {
        let cells = values.map { value in (0..<8).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) } }
        return try execute(sql, ColumnType.longLong, cells)
    }

    private func execute(_ sql: String, _ type: UInt8, _ cells: [[UInt8]]) throws(Refusal) -> [Reply] {
        let statement = try prepared(sql)
        var payload = [Command.execute] + statement.id + [0, 1, 0, 0, 0]
        if statement.parameters > 0 {
            payload += [UInt8](repeating: 0, count: (statement.parameters + 7) / 8) + [1]
            for _ in cells { payload += [type, 0] }
            for cell in cells { payload += cell }
        }
        try send(payload)
        return [try receiveReply(isBinary: true).0]
    }

    private func prepared(_ sql: String) throws(Refusal) -> Prepared {
        if let known = statements[sql] { return known }
        try send([Command.prepare] + Array(sql.utf8))
        let head = try receive()
        try throwError(head)
        let columns = Int(head[5]) | Int(head[6]) << 8
        let parameters = Int(head[7]) | Int(head[8]) << 8
        for count in [parameters, columns] where count > 0 {
            for _ in 0..<count { _ = try receive() }
            if !hasDeprecatedEOF { _ = try receive() }
        }
        let statement = Prepared(id: Array(head[1..<5]), parameters: parameters)
        statements[sql] = statement
        return statement
    }

    /// COM_INIT_DB.
    package func selectSchema(_ name: String) throws(Refusal) {
        try send([Command.schema] + Array(name.utf8))
        try throwError(try receive())
    }

    /// COM_RESET_CONNECTION. Its statements are gone with it.
    package func reset() throws(Refusal) {
        statements = [:]
        try send([Command.reset])
        try throwError(try receive())
    }

    // MARK: Replies

    private func receiveReply(isBinary: Bool) throws(Refusal) -> (Reply, hasMore: Bool) {
        let head = try receive()
        try throwError(head)
        var reader = PacketReader(head)
        if head.first == 0x00 { return okReply(&reader) }
        let columns = reader.lengthEncoded() ?? 0
        var types: [ColumnType] = []
        for _ in 0..<columns {
            var definition = PacketReader(try receive())
            types.append(definition.columnType())
        }
        if !hasDeprecatedEOF { _ = try receive() }
        var reply = Reply()
        while true {
            let packet = try receive()
            try throwError(packet)
            var reader = PacketReader(packet)
            if packet.first == 0xfe && packet.count < 0xff_ffff && (hasDeprecatedEOF || packet.count < 9) {
                if hasDeprecatedEOF {
                    let (end, hasMore) = okReply(&reader)
                    reply.warnings = end.warnings
                    return (reply, hasMore)
                }
                reader.skip(1)
                reply.warnings = reader.short()
                return (reply, reader.short() & 8 != 0)
            }
            reply.rows.append(isBinary ? reader.binaryRow(types) : reader.textRow(columns))
        }
    }

    private func okReply(_ reader: inout PacketReader) -> (Reply, hasMore: Bool) {
        reader.skip(1)
        var reply = Reply()
        reply.affectedRows = reader.lengthEncoded() ?? 0
        reply.insertID = reader.lengthEncoded() ?? 0
        let status = reader.short()
        reply.warnings = reader.short()
        return (reply, status & 8 != 0)
    }

    private func throwError(_ packet: [UInt8]) throws(Refusal) {
        guard packet.first == 0xff, packet.count >= 3 else { return }
        let code = Int(packet[1]) | Int(packet[2]) << 8
        throw Refusal(code: code, text: String(decoding: packet.dropFirst(9), as: UTF8.self))
    }

    // MARK: Packets

    private func send(_ payload: [UInt8]) throws(Refusal) { try write(payload, sequence: 0) }

    private func write(_ payload: [UInt8], sequence: UInt8) throws(Refusal) {
        let count = payload.count
        let bytes = [UInt8(count & 0xff), UInt8(count >> 8 & 0xff), UInt8(count >> 16 & 0xff), sequence] + payload
        var sent = 0
        while sent < bytes.count {
            let part = bytes.withUnsafeBytes {
                Glibc.send(descriptor, $0.baseAddress.map { $0 + sent }, bytes.count - sent, Int32(MSG_NOSIGNAL))
            }
            if part <= 0 { throw .lost("the connection broke: \(errno)") }
            sent += part
        }
    }

    private func receive() throws(Refusal) -> [UInt8] {
        try fill(4)
        let count = Int(input[position]) | Int(input[position + 1]) << 8 | Int(input[position + 2]) << 16
        sequence = input[position + 3]
        position += 4
        try fill(count)
        defer { position += count }
        return Array(input[position..<position + count])
    }

    /// Makes so many bytes be there.
    private func fill(_ count: Int) throws(Refusal) {
        while input.count - position < count {
            if position == input.count {
                input.removeAll(keepingCapacity: true)
                position = 0
            }
            let part = scratch.withUnsafeMutableBytes { recv(descriptor, $0.baseAddress, $0.count, 0) }
            if part == 0 { throw .lost("the connection was closed") }
            if part < 0 && errno == EINTR { continue }
            if part < 0 { throw .lost("nothing came within \(Self.timeoutSeconds) s: \(errno)") }
            input += scratch[..<part]
        }
    }
}

/// The capability flags that a `WireClient` has.
struct RawFlags: OptionSet {
    let rawValue: UInt32

    static let deprecateEOF = RawFlags(rawValue: 1 << 24)
    /// Long passwords and flags, a schema at login, 4.1, transactions, secure connections, several statements, several
    /// results of text and of prepared statements, plugins.
    static let ordinary = RawFlags(
        rawValue: 1 << 0 | 1 << 2 | 1 << 3 | 1 << 9 | 1 << 13 | 1 << 15 | 1 << 16 | 1 << 17 | 1 << 18 | 1 << 19)
}
