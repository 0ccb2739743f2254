// The collation of the connection, where servers do not tell it.
internal import SQL

extension ProxySession {
    /// MariaDB keeps `collation_connection` and `character_set_connection` in one place, and tells of a change under either
    /// name: 11.8 under the wrong one (10.11 happens to choose the right one). So the text says what the collation is.
    func noteUnreportedCollation() {
        guard command.traits.effects.contains(.changesCharacterSet) else { return }
        // Longer texts, and values that only the server can know: no other connection will do.
        guard shownStatement.count < FrontendLimits.shownStatementBytes, command.traits.statementCount == 1 else {
            command.reportIsIncomplete = true
            return
        }
        let assignments = shownStatement.withUnsafeBytes { SetStatement.assignments($0, mode: state.sqlMode) }
        for assignment in assignments where assignment.scope == .session {
            let name = String(decoding: assignment.name, as: UTF8.self)
            switch name {
            case "names collate", "collation_connection":
                let value = shownStatement[assignment.value].filter {
                    $0 != UInt8(ascii: "'") && $0 != UInt8(ascii: "\"")
                }
                guard assignment.isLiteral, Self.isCollationName(value) else {
                    command.reportIsIncomplete = true
                    return
                }
                state.collationSet(value)
            case "names", "character set", "character_set_connection": state.collationSet(nil)
            default: break
            }
        }
    }

    private static func isCollationName(_ value: [UInt8]) -> Bool {
        !value.isEmpty && !value.elementsEqual("DEFAULT".utf8)
            && value.allSatisfy { byte in
                (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte & 0xDF) || byte == UInt8(ascii: "_")
            }
    }
}
