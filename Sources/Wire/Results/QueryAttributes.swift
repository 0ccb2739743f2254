// The block of query attributes in front of a statement's text, for peers that agreed on CLIENT_QUERY_ATTRIBUTES.

/// `COM_QUERY` with attributes: `count`, `sets` (always 1), and with a count above 0 a NULL bitmap, the byte 1, types
/// with names, and values in the binary protocol; then the text.
/// https://dev.mysql.com/doc/dev/mysql-server/latest/page_protocol_com_query.html
package enum QueryAttributes {
    /// Attributes of one statement at most: as many as a statement may have parameters.
    package static let maximum: UInt64 = 65_535

    /// Where the text begins in the argument of a COM_QUERY that has the block.
    package static func textOffset(_ argument: UnsafeRawBufferPointer) throws(WireError) -> Int {
        var reader = ByteReader(argument)
        let count = try reader.readLengthEncodedInteger()
        _ = try reader.readLengthEncodedInteger()
        guard count > 0 else { return reader.position }
        guard count <= maximum else { throw .truncated }
        let bitmap = try reader.readBytes((Int(count) + 7) / 8)
        // Without new types there is nothing that says how long the values are.
        guard try reader.readUInt8() == 1 else { throw .truncated }
        var types: [UInt8] = []
        for _ in 0..<count {
            types.append(UInt8(truncatingIfNeeded: try reader.readUInt16()))
            _ = try reader.readLengthEncodedBytes()
        }
        for (index, type) in types.enumerated() where bitmap[index / 8] & (1 << UInt8(index % 8)) == 0 {
            try skipValue(type, &reader)
        }
        return reader.position
    }

    /// The text of the attribute with this name, in capitals or not; nil for none, and for one that is no text.
    package static func text(
        of name: UnsafeRawBufferPointer, _ argument: UnsafeRawBufferPointer
    ) throws(WireError) -> UnsafeRawBufferPointer? {
        var reader = ByteReader(argument)
        let count = try reader.readLengthEncodedInteger()
        _ = try reader.readLengthEncodedInteger()
        guard count > 0, count <= maximum else { return nil }
        let bitmap = try reader.readBytes((Int(count) + 7) / 8)
        guard try reader.readUInt8() == 1 else { throw .truncated }
        guard let named = try NamedTypes(name, count: Int(count), &reader) else { return nil }
        return try named.value(bitmap, &reader)
    }

    /// The types of values, and which of these is the wanted one.
    struct NamedTypes {
        private var types: [UInt8] = []
        private var wanted = 0

        /// Reads types with names; nil when none of those from `first` on is called so.
        init?(
            _ name: UnsafeRawBufferPointer, count: Int, from first: Int = 0, _ reader: inout ByteReader
        ) throws(WireError) {
            var found: Int?
            for index in 0..<count {
                types.append(UInt8(truncatingIfNeeded: try reader.readUInt16()))
                if isSame(try reader.readLengthEncodedBytes(), name), index >= first { found = index }
            }
            guard let found else { return nil }
            wanted = found
        }

        /// Reads values up to the wanted one; nil when that is NULL or no text.
        func value(
            _ bitmap: UnsafeRawBufferPointer, _ reader: inout ByteReader
        ) throws(WireError) -> UnsafeRawBufferPointer? {
            for (index, type) in types.enumerated() where bitmap[index / 8] & (1 << UInt8(index % 8)) == 0 {
                if index == wanted { return isText(type) ? try reader.readLengthEncodedBytes() : nil }
                try skipValue(type, &reader)
            }
            return nil
        }
    }

    private static func isSame(_ one: UnsafeRawBufferPointer, _ other: UnsafeRawBufferPointer) -> Bool {
        one.count == other.count && zip(one, other).allSatisfy { $0 | 0x20 == $1 | 0x20 }
    }

    private static func isText(_ rawType: UInt8) -> Bool {
        switch ColumnType(rawValue: rawType) {
        case .varchar, .varString, .string, .blob, .tinyBlob, .mediumBlob, .longBlob: true
        default: false
        }
    }

    /// Writes an empty block, if the peer expects one.
    package static func writeNone(into writer: inout ByteWriter, for capabilities: Capabilities) {
        guard capabilities.contains(.queryAttributes) else { return }
        writer.writeUInt8(0)
        writer.writeUInt8(1)
    }

    /// Moves over a value of the binary protocol.
    private static func skipValue(_ rawType: UInt8, _ reader: inout ByteReader) throws(WireError) {
        switch ColumnType(rawValue: rawType) {
        case .null: break
        case .tiny: try reader.skip(1)
        case .short, .year: try reader.skip(2)
        case .long, .int24, .float: try reader.skip(4)
        case .longlong, .double: try reader.skip(8)
        case .date, .datetime, .timestamp, .time: try reader.skip(Int(try reader.readUInt8()))
        default: _ = try reader.readLengthEncodedBytes()
        }
    }
}
