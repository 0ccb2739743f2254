// What a result set says about one of its columns.

/// `Protocol::ColumnDefinition41`.
/// https://dev.mysql.com/doc/dev/mysql-server/latest/page_protocol_com_query_response_text_resultset_column_definition.html
package struct ColumnDefinition: Equatable, Sendable {
    /// Collation number of `utf8mb4_general_ci`, which all servers know.
    package static let utf8mb4GeneralCI: UInt16 = 45
    /// Collation number of `binary`: numbers and bytes.
    package static let binaryCollation: UInt16 = 63

    /// Schema of the table; empty for an expression.
    package var schema: String
    /// Alias of the table.
    package var table: String
    /// Table behind the alias.
    package var originalTable: String
    /// Alias of the column: what clients print.
    package var name: String
    /// Column behind the alias.
    package var originalName: String
    /// Collation of the values.
    package var collation: UInt16
    /// Longest value, bytes.
    package var length: UInt32
    package var type: ColumnType
    /// NOT_NULL_FLAG (1), UNSIGNED_FLAG (0x20), NUM_FLAG (0x8000) …
    package var flags: UInt16
    /// Digits behind the point; 31 when that varies.
    package var decimals: UInt8

    package init(
        name: String, type: ColumnType = .varString, schema: String = "", table: String = "",
        originalTable: String = "", originalName: String = "",
        collation: UInt16 = ColumnDefinition.utf8mb4GeneralCI, length: UInt32 = 1024, flags: UInt16 = 0,
        decimals: UInt8 = 0
    ) {
        self.name = name
        self.type = type
        self.schema = schema
        self.table = table
        self.originalTable = originalTable
        self.originalName = originalName
        self.collation = collation
        self.length = length
        self.flags = flags
        self.decimals = decimals
    }

    /// Reads the payload. With `mariadbExtendedMetadata` the extended type information is skipped; a default value
    /// (COM_FIELD_LIST) is left unread.
    package static func parse(
        _ payload: UnsafeRawBufferPointer, capabilities: Capabilities = []
    ) throws(WireError) -> ColumnDefinition {
        var reader = ByteReader(payload)
        _ = try reader.readLengthEncodedBytes()
        let schema = String(wire: try reader.readLengthEncodedBytes())
        let table = String(wire: try reader.readLengthEncodedBytes())
        let originalTable = String(wire: try reader.readLengthEncodedBytes())
        let name = String(wire: try reader.readLengthEncodedBytes())
        let originalName = String(wire: try reader.readLengthEncodedBytes())
        if capabilities.contains(.mariadbExtendedMetadata) {
            _ = try reader.readLengthEncodedBytes()
        }
        _ = try reader.readLengthEncodedInteger()
        let collation = try reader.readUInt16()
        let length = try reader.readUInt32()
        let typeByte = try reader.readUInt8()
        let flags = try reader.readUInt16()
        let decimals = try reader.readUInt8()
        return ColumnDefinition(
            name: name, type: ColumnType(rawValue: typeByte) ?? .invalid, schema: schema, table: table,
            originalTable: originalTable, originalName: originalName, collation: collation, length: length,
            flags: flags, decimals: decimals)
    }

    /// Writes the payload; with `mariadbExtendedMetadata`, that there is nothing more to say of the type.
    package func encode(into writer: inout ByteWriter, capabilities: Capabilities = []) {
        writer.writeLengthEncodedString("def")
        writer.writeLengthEncodedString(schema)
        writer.writeLengthEncodedString(table)
        writer.writeLengthEncodedString(originalTable)
        writer.writeLengthEncodedString(name)
        writer.writeLengthEncodedString(originalName)
        if capabilities.contains(.mariadbExtendedMetadata) { writer.writeLengthEncodedInteger(0) }
        writer.writeLengthEncodedInteger(0x0C)
        writer.writeUInt16(collation)
        writer.writeUInt32(length)
        writer.writeUInt8(type.rawValue)
        writer.writeUInt16(flags)
        writer.writeUInt8(decimals)
        writer.writeUInt16(0)
    }
}
