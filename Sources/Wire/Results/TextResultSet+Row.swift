// Reads the one row of a small result set with its columns, for questions that the proxy asks itself.

/// A row of the text protocol.
package struct TextRow: Sendable, Equatable {
    /// What the server says of each column.
    package let columns: [ColumnDefinition]
    /// One for each column; nil for NULL.
    package let values: [[UInt8]?]

    /// A row by its parts.
    package init(columns: [ColumnDefinition], values: [[UInt8]?]) {
        self.columns = columns
        self.values = values
    }
}

extension TextResultSet {
    /// Columns that `singleRow` reads at most.
    private static let columnsMaximum: UInt64 = 1_024

    /// The row of a result set of one row with its definitions; nil for anything else.
    ///
    /// - Parameters:
    ///   - packets: the whole result set but for the packet that ends it, with or without the one that ends the definitions.
    ///   - capabilities: those between proxy and server.
    package static func singleRow(in packets: UnsafeRawBufferPointer, capabilities: Capabilities) -> TextRow? {
        var rest = packets
        guard let head = nextPayload(&rest) else { return nil }
        var count = ByteReader(head)
        guard let columnCount = try? count.readLengthEncodedInteger(), columnCount > 0, columnCount <= columnsMaximum,
            count.remaining == 0 || (try? count.readUInt8()) == 1
        else { return nil }
        var columns: [ColumnDefinition] = []
        for _ in 0..<columnCount {
            guard let payload = nextPayload(&rest),
                let column = try? ColumnDefinition.parse(payload, capabilities: capabilities)
            else { return nil }
            columns.append(column)
        }
        guard var payload = nextPayload(&rest) else { return nil }
        if !capabilities.contains(.deprecateEOF), payload.count == 5, payload[0] == EOFPacket.header {
            guard let row = nextPayload(&rest) else { return nil }
            payload = row
        }
        guard rest.isEmpty, let values = values(payload, columns.count) else { return nil }
        return TextRow(columns: columns, values: values)
    }

    private static func values(_ payload: UnsafeRawBufferPointer, _ count: Int) -> [[UInt8]?]? {
        var reader = ByteReader(payload)
        var values: [[UInt8]?] = []
        for _ in 0..<count {
            if reader.peek() == 0xFB {
                _ = try? reader.readUInt8()
                values.append(nil)
            } else {
                guard let value = try? reader.readLengthEncodedBytes() else { return nil }
                values.append(Array(value))
            }
        }
        return reader.remaining == 0 ? values : nil
    }

    private static func nextPayload(_ rest: inout UnsafeRawBufferPointer) -> UnsafeRawBufferPointer? {
        guard let header = PacketHeader(rest), header.frameLength <= rest.count else { return nil }
        defer { rest = UnsafeRawBufferPointer(rebasing: rest[header.frameLength...]) }
        return UnsafeRawBufferPointer(rebasing: rest[PacketHeader.size..<header.frameLength])
    }
}
