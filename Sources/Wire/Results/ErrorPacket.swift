// The packet that says no.

/// `ERR_Packet`. https://dev.mysql.com/doc/dev/mysql-server/latest/page_protocol_basic_err_packet.html
package struct ErrorPacket: Equatable, Sendable {
    /// First byte of the payload.
    package static let header: UInt8 = 0xFF
    /// Code of MariaDB's progress reports, which look like errors and are none.
    package static let progressReportCode: UInt16 = 0xFFFF

    /// ER_* number.
    package var code: UInt16
    /// Five characters; `HY000` when the packet carries none.
    package var sqlState: String
    package var message: String

    package init(code: UInt16, sqlState: String, message: String) {
        self.code = code
        self.sqlState = sqlState
        self.message = message
    }

    /// An error of this proxy, with the SQLSTATE that belongs to the code.
    package init(_ code: ErrorCode, _ message: String) {
        self.init(code: code.rawValue, sqlState: code.sqlState, message: message)
    }

    /// Reads the payload. Errors sent before the login have no SQLSTATE and no `#`.
    package static func parse(_ payload: UnsafeRawBufferPointer) throws(WireError) -> ErrorPacket {
        var reader = ByteReader(payload)
        guard let first = reader.peek() else { throw .emptyPacket }
        guard first == header else { throw .unexpectedPacket(firstByte: first) }
        try reader.skip(1)
        let code = try reader.readUInt16()
        var sqlState = "HY000"
        if reader.peek() == UInt8(ascii: "#"), reader.remaining >= 6 {
            try reader.skip(1)
            sqlState = String(wire: try reader.readBytes(5))
        }
        return ErrorPacket(code: code, sqlState: sqlState, message: String(wire: reader.readRest()))
    }

    /// The code alone, without building strings; nil when the payload is no ERR packet.
    package static func code(of payload: UnsafeRawBufferPointer) -> UInt16? {
        guard payload.count >= 3, payload[0] == header else { return nil }
        return UInt16(payload[1]) | UInt16(payload[2]) << 8
    }

    /// Writes the payload, with SQLSTATE, as every client of protocol 4.1 expects it also before login.
    package func encode(into writer: inout ByteWriter) {
        writer.writeUInt8(Self.header)
        writer.writeUInt16(code)
        writer.writeUInt8(UInt8(ascii: "#"))
        let state = Array(sqlState.utf8.prefix(5))
        writer.writeBytes(state + Array(repeating: UInt8(ascii: "0"), count: 5 - state.count))
        writer.writeBytes(Array(message.utf8))
    }
}
