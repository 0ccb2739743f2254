// Every decoder of a single packet, on the same bytes.
import Wire

enum PacketsTarget {
    static func run(_ bytes: UnsafeRawBufferPointer) {
        var choices = FuzzChoices(bytes)
        let which = choices.byte()
        let payload = choices.rest
        switch which % 7 {
        case 0: _ = try? ErrorPacket.parse(payload)
        case 1: _ = try? EOFPacket.parse(payload)
        case 2: _ = try? PrepareOK.parse(payload)
        case 3: column(payload)
        case 4: _ = try? AuthSwitchRequest.parse(payload)
        case 5: _ = try? AuthMoreData.parse(payload)
        default: _ = try? OKHead.parse(payload, capabilities: [.protocol41, .deprecateEOF])
        }
    }

    private static func column(_ payload: UnsafeRawBufferPointer) {
        for capabilities: Capabilities in [[], .mariadbExtendedMetadata] {
            guard let column = try? ColumnDefinition.parse(payload, capabilities: capabilities) else { continue }
            var writer = ByteWriter()
            column.encode(into: &writer)
            precondition(!writer.bytes.isEmpty, "a column that cannot be written")
        }
    }

    static let seeds: [[UInt8]] = {
        var column = ByteWriter()
        ColumnDefinition(name: "name", type: .varString, schema: "app", table: "t", originalTable: "t").encode(
            into: &column)
        var error = ByteWriter()
        ErrorPacket(code: 1064, sqlState: "42000", message: "You have an error").encode(into: &error)
        var change = ByteWriter()
        AuthSwitchRequest(plugin: "mysql_native_password", salt: Array(1...20)).encode(into: &change)
        return [
            [0] + error.bytes, [1, 0xFE, 1, 0, 2, 0], [2, 0, 7, 0, 0, 0, 2, 0, 3, 0, 0, 1, 0], [3] + column.bytes,
            [4] + change.bytes, [5, 1, 4], [6, 0, 1, 2, 2, 0, 0, 0],
        ]
    }()
}
