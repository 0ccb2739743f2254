// The packet that ends column definitions and rows when CLIENT_DEPRECATE_EOF was not agreed on.

/// `EOF_Packet`: 0xFE, warnings, status.
/// https://dev.mysql.com/doc/dev/mysql-server/latest/page_protocol_basic_eof_packet.html
package struct EOFPacket: Equatable, Sendable {
    /// First byte of the payload; shared with the OK packet that ends rows.
    package static let header: UInt8 = 0xFE

    package var warnings: UInt16
    package var status: StatusFlags

    package init(warnings: UInt16 = 0, status: StatusFlags) {
        self.warnings = warnings
        self.status = status
    }

    /// Reads the payload, which has exactly five bytes.
    package static func parse(_ payload: UnsafeRawBufferPointer) throws(WireError) -> EOFPacket {
        guard let first = payload.first else { throw .emptyPacket }
        guard first == header, payload.count <= OKHead.endOfFileSize else { throw .unexpectedPacket(firstByte: first) }
        guard payload.count == OKHead.endOfFileSize else { throw .truncated }
        let head = try OKHead.parse(payload, capabilities: [])
        return EOFPacket(warnings: head.warnings, status: head.status)
    }

    /// Writes the payload.
    package func encode(into writer: inout ByteWriter) {
        writer.writeUInt8(Self.header)
        writer.writeUInt16(warnings)
        writer.writeUInt16(status.rawValue)
    }
}
