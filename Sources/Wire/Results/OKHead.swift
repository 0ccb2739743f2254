// The part of an OK or EOF packet that the relay looks at, read without allocation.

/// Fields of an OK packet, or of an EOF packet (whose counts are 0), read in place.
/// https://dev.mysql.com/doc/dev/mysql-server/latest/page_protocol_basic_ok_packet.html
package struct OKHead {
    package var affectedRows: UInt64
    package var lastInsertID: UInt64
    package var status: StatusFlags
    package var warnings: UInt16
    /// The server's remark on the statement, without length prefix; lives as long as the payload.
    package var info: UnsafeRawBufferPointer
    /// Session-state records for `SessionStateReader`, possibly none; lives as long as the payload.
    package var sessionState: UnsafeRawBufferPointer

    /// Payload bytes of an EOF packet of protocol 4.1.
    static let endOfFileSize = 5

    /// Reads a payload that starts with 0x00 or 0xFE; `capabilities` are those of the connection it came from.
    package static func parse(
        _ payload: UnsafeRawBufferPointer, capabilities: Capabilities
    ) throws(WireError) -> OKHead {
        var reader = ByteReader(payload)
        guard let first = reader.peek() else { throw .emptyPacket }
        guard first == OKPacket.header || first == EOFPacket.header else { throw .unexpectedPacket(firstByte: first) }
        try reader.skip(1)
        let empty = UnsafeRawBufferPointer(start: nil, count: 0)
        if first == EOFPacket.header, payload.count == endOfFileSize {
            let warnings = try reader.readUInt16()
            let status = StatusFlags(rawValue: try reader.readUInt16())
            return OKHead(
                affectedRows: 0, lastInsertID: 0, status: status, warnings: warnings, info: empty, sessionState: empty)
        }
        var head = OKHead(
            affectedRows: try reader.readLengthEncodedInteger(), lastInsertID: try reader.readLengthEncodedInteger(),
            status: StatusFlags(rawValue: try reader.readUInt16()), warnings: try reader.readUInt16(),
            info: empty, sessionState: empty)
        guard capabilities.contains(.sessionTrack) else {
            head.info = unprefixed(reader.readRest())
            return head
        }
        // Servers leave both fields out when both are empty.
        guard reader.remaining > 0 else { return head }
        head.info = try reader.readLengthEncodedBytes()
        if head.status.contains(.sessionStateChanged), reader.remaining > 0 {
            head.sessionState = try reader.readLengthEncodedBytes()
        }
        return head
    }

    /// The manual says string<EOF> for a connection without session tracking, but servers prefix the length there as
    /// well and client libraries expect it. Both forms are read.
    private static func unprefixed(_ rest: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer {
        var reader = ByteReader(rest)
        guard let info = try? reader.readLengthEncodedBytes(), reader.remaining == 0 else { return rest }
        return info
    }
}
