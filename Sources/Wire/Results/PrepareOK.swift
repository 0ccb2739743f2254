// The head of the answer to COM_STMT_PREPARE.

/// `COM_STMT_PREPARE_OK`. https://dev.mysql.com/doc/dev/mysql-server/latest/page_protocol_com_stmt_prepare.html
package struct PrepareOK: Equatable, Sendable {
    /// Payload bytes up to and including the warnings.
    static let size = 12

    /// The number the server gave the statement; valid on its connection only.
    package var statementID: UInt32
    package var columnCount: UInt16
    package var parameterCount: UInt16
    package var warnings: UInt16
    /// The byte that tells whether definitions follow, only with CLIENT_OPTIONAL_RESULTSET_METADATA.
    package var metadataFollows: UInt8?

    package init(
        statementID: UInt32, columnCount: UInt16, parameterCount: UInt16, warnings: UInt16 = 0,
        metadataFollows: UInt8? = nil
    ) {
        self.statementID = statementID
        self.columnCount = columnCount
        self.parameterCount = parameterCount
        self.warnings = warnings
        self.metadataFollows = metadataFollows
    }

    /// Reads the payload.
    package static func parse(_ payload: UnsafeRawBufferPointer) throws(WireError) -> PrepareOK {
        var reader = ByteReader(payload)
        guard let first = reader.peek() else { throw .emptyPacket }
        guard first == OKPacket.header else { throw .unexpectedPacket(firstByte: first) }
        try reader.skip(1)
        let statementID = try reader.readUInt32()
        let columnCount = try reader.readUInt16()
        let parameterCount = try reader.readUInt16()
        try reader.skip(1)
        let warnings = try reader.readUInt16()
        return PrepareOK(
            statementID: statementID, columnCount: columnCount, parameterCount: parameterCount, warnings: warnings,
            metadataFollows: reader.remaining > 0 ? try reader.readUInt8() : nil)
    }

    /// Writes the payload.
    package func encode(into writer: inout ByteWriter) {
        writer.writeUInt8(OKPacket.header)
        writer.writeUInt32(statementID)
        writer.writeUInt16(columnCount)
        writer.writeUInt16(parameterCount)
        writer.writeUInt8(0)
        writer.writeUInt16(warnings)
        if let metadataFollows { writer.writeUInt8(metadataFollows) }
    }
}
