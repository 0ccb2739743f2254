// Commands that are taken apart: executions of prepared statements, query attributes, COM_CHANGE_USER.
import Wire

enum CommandsTarget {
    static func run(_ bytes: UnsafeRawBufferPointer) {
        var choices = FuzzChoices(bytes)
        let which = choices.byte()
        let parameterCount = Int(choices.byte())
        let payload = choices.rest
        switch which % 3 {
        case 0: execution(payload, parameterCount, hasAttributes: which & 0x80 != 0)
        case 1:
            guard let offset = try? QueryAttributes.textOffset(payload) else { return }
            precondition(offset <= payload.count, "a text beyond the packet")
        default:
            let capabilities: Capabilities = [.protocol41, .secureConnection, .pluginAuth, .connectAttrs]
            _ = try? HandshakeResponse41.parseChangeUser(payload, capabilities: capabilities, collation: 45)
        }
    }

    private static func execution(_ payload: UnsafeRawBufferPointer, _ parameterCount: Int, hasAttributes: Bool) {
        _ = StatementExecute.statementID(payload)
        _ = StatementExecute.opensCursor(payload)
        switch try? StatementExecute.types(payload, parameterCount: parameterCount, hasAttributes: hasAttributes) {
        case .given(let range): precondition(range.upperBound <= payload.count, "types beyond the packet")
        case .remembered(let flag, _, let insertion):
            precondition(flag < insertion && insertion <= payload.count, "a place beyond the packet")
        default: break
        }
    }

    static let seeds: [[UInt8]] = [
        [0, 2, 0x17, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 8, 0, 0xFE, 0, 1, 2],
        [0, 1, 0x17, 1, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0, 7],
        [0x80 + 1, 1, 0x17, 1, 0, 0, 0, 8, 1, 0, 0, 0, 2, 0, 1, 8, 0, 1, 0x61, 8, 0, 0],
        [0, 1, 0xFA, 1, 0, 0, 0, 0x80, 0, 8, 0, 0, 5], [1, 0, 0, 1] + Array("SELECT 1".utf8),
        [1, 0, 1, 1, 0, 1, 0xFE, 0, 1, 0x61, 1, 0x62] + Array("SELECT 1".utf8),
        [2, 0] + Array("app\0\u{3}abcapp\0".utf8) + [45, 0] + Array("mysql_native_password\0".utf8) + [
            4, 1, 0x61, 1, 0x62,
        ],
    ]
}
