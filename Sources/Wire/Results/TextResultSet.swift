// Writes a whole result set of the text protocol, for answers that the proxy gives itself.

/// `ProtocolText::Resultset`.
/// https://dev.mysql.com/doc/dev/mysql-server/latest/page_protocol_com_query_response_text_resultset.html
package enum TextResultSet {
    /// Writes all packets: count, definitions, rows, end. `rows` hold one value per column, nil for NULL.
    /// `capabilities` are the client's.
    /// `leavesOutDefinitions` only for clients that agreed on that.
    /// The answer to a command starts with `firstSequence` 1. Returns the sequence number behind the last packet.
    @discardableResult
    package static func encode(
        columns: [ColumnDefinition], rows: [[[UInt8]?]], capabilities: Capabilities, status: StatusFlags,
        firstSequence: UInt8, leavesOutDefinitions: Bool = false, into writer: inout ByteWriter
    ) -> UInt8 {
        encode(
            columns: columns, rows: rows, capabilities: capabilities, status: status, firstSequence: firstSequence,
            leavesOutDefinitions: leavesOutDefinitions, into: &writer
        ) { value, payload in
            if let value { payload.writeLengthEncodedBytes(value) } else { payload.writeNull() }
        }
    }

    /// The same of values of another kind, each of which `write` puts as `string<lenenc>` or NULL.
    @discardableResult
    package static func encode<Value>(
        columns: [ColumnDefinition], rows: [[Value]], capabilities: Capabilities, status: StatusFlags,
        firstSequence: UInt8, leavesOutDefinitions: Bool = false, into writer: inout ByteWriter,
        write: (Value, inout ByteWriter) -> Void
    ) -> UInt8 {
        precondition(!columns.isEmpty, "a result set has columns; without them send an OK packet")
        var sequence = firstSequence
        var payload = ByteWriter()
        payload.writeLengthEncodedInteger(UInt64(columns.count))
        if !capabilities.isDisjoint(with: [.optionalResultsetMetadata, .mariadbCacheMetadata]) {
            payload.writeUInt8(leavesOutDefinitions ? 0 : 1)
        }
        writer.writePacket(sequence: &sequence, payload: payload.bytes)
        for column in columns where !leavesOutDefinitions {
            payload.removeAll()
            column.encode(into: &payload, capabilities: capabilities)
            writer.writePacket(sequence: &sequence, payload: payload.bytes)
        }
        if !capabilities.contains(.deprecateEOF) {
            writeEnd(capabilities, status, &sequence, into: &writer)
        }
        for row in rows {
            precondition(row.count == columns.count, "a row has one value per column")
            payload.removeAll()
            for value in row { write(value, &payload) }
            writer.writePacket(sequence: &sequence, payload: payload.bytes)
        }
        writeEnd(capabilities, status, &sequence, into: &writer)
        return sequence
    }

    private static func writeEnd(
        _ capabilities: Capabilities, _ status: StatusFlags, _ sequence: inout UInt8, into writer: inout ByteWriter
    ) {
        var payload = ByteWriter()
        let flags = status.subtracting(.sessionStateChanged)
        if capabilities.contains(.deprecateEOF) {
            OKPacket(header: EOFPacket.header, status: flags).encode(into: &payload, capabilities: capabilities)
        } else {
            EOFPacket(status: flags).encode(into: &payload)
        }
        writer.writePacket(sequence: &sequence, payload: payload.bytes)
    }
}
