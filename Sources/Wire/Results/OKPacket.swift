// The packet that ends a statement without rows, and with CLIENT_DEPRECATE_EOF also one with rows.

/// `OK_Packet` as a value.
/// https://dev.mysql.com/doc/dev/mysql-server/latest/page_protocol_basic_ok_packet.html
package struct OKPacket: Equatable, Sendable {
    /// First byte of an OK packet that is not the end of rows.
    package static let header: UInt8 = 0x00

    /// 0x00, or 0xFE at the end of rows.
    package var header: UInt8
    package var affectedRows: UInt64
    package var lastInsertID: UInt64
    package var status: StatusFlags
    package var warnings: UInt16
    /// The server's remark, for example `Rows matched: 1  Changed: 1  Warnings: 0`.
    package var info: [UInt8]
    /// Session-state records as they stand in the packet.
    package var sessionState: [UInt8]

    package init(
        header: UInt8 = OKPacket.header, affectedRows: UInt64 = 0, lastInsertID: UInt64 = 0,
        status: StatusFlags = .autocommit, warnings: UInt16 = 0, info: [UInt8] = [], sessionState: [UInt8] = []
    ) {
        self.header = header
        self.affectedRows = affectedRows
        self.lastInsertID = lastInsertID
        self.status = status
        self.warnings = warnings
        self.info = info
        self.sessionState = sessionState
    }

    /// Reads a payload that starts with 0x00 or 0xFE; also an EOF packet, whose counts are 0.
    package static func parse(
        _ payload: UnsafeRawBufferPointer, capabilities: Capabilities
    ) throws(WireError) -> OKPacket {
        let head = try OKHead.parse(payload, capabilities: capabilities)
        return OKPacket(
            header: payload[0], affectedRows: head.affectedRows, lastInsertID: head.lastInsertID, status: head.status,
            warnings: head.warnings, info: Array(head.info), sessionState: Array(head.sessionState))
    }

    /// Writes the payload for a peer with these capabilities. One that does not track sessions gets neither the
    /// records nor the flag that announces them.
    package func encode(into writer: inout ByteWriter, capabilities: Capabilities) {
        let tracks = capabilities.contains(.sessionTrack)
        let flags = tracks ? status : status.subtracting(.sessionStateChanged)
        writer.writeUInt8(header)
        writer.writeLengthEncodedInteger(affectedRows)
        writer.writeLengthEncodedInteger(lastInsertID)
        writer.writeUInt16(flags.rawValue)
        writer.writeUInt16(warnings)
        let hasState = flags.contains(.sessionStateChanged)
        if !info.isEmpty || hasState { writer.writeLengthEncodedBytes(info) }
        if hasState { writer.writeLengthEncodedBytes(sessionState) }
    }

    /// Adds the record that tells the default schema.
    package mutating func report(schema: [UInt8]) {
        var record = ByteWriter()
        record.writeLengthEncodedBytes(schema)
        var writer = ByteWriter()
        writer.writeBytes(sessionState)
        writer.writeUInt8(1)
        writer.writeLengthEncodedBytes(record.bytes)
        sessionState = writer.bytes
        status.insert(.sessionStateChanged)
    }
}
