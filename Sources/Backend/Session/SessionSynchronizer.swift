// From one session image to another: the statement that a connection needs before it can stand in for another one.
internal import Topology

/// Computes what brings a connection from the state it was left in to the state of a session.
enum SessionSynchronizer {
    /// Variables that readers do not follow. With `autocommit=0` every statement goes to the main connection, and a reader
    /// with it would keep a snapshot open; readers are read-only whatever the session says of itself.
    private static let mainOnly = ["autocommit", "tx_read_only", "transaction_read_only"]

    /// The assignments, as the text of one `SET` statement, or nil when nothing differs.
    ///
    /// - Parameter isMain: false on a connection that only runs reads.
    /// - Parameter loginCollation: what was in force before anything of character sets was set.
    /// - Parameter flavor: the server's family.
    static func assignments(
        from known: SessionImage, to wanted: SessionImage, isMain: Bool, loginCollation: UInt8 = 0,
        on flavor: ServerFlavor = .unknown
    ) -> [UInt8]? {
        var text: [UInt8] = []
        appendCharacterSets(from: known, to: wanted, loginCollation, flavor, to: &text)
        for variable in known.variables where !SessionImage.isCharacterSet(variable) {
            if !isMain && mainOnly.contains(where: { variable.name.elementsEqual($0.utf8) }) { continue }
            if !wanted.variables.contains(where: { $0.name == variable.name }) { restore(variable, in: &text) }
        }
        for variable in wanted.variables where !SessionImage.isCharacterSet(variable) {
            if !isMain && mainOnly.contains(where: { variable.name.elementsEqual($0.utf8) }) { continue }
            if !known.variables.contains(variable) { append(variable, to: &text) }
        }
        appendUserVariables(from: known, to: wanted, to: &text)
        return text.isEmpty ? nil : Array("SET ".utf8) + text
    }

    /// What is NULL was never set: that is how a variable goes.
    private static func appendUserVariables(from known: SessionImage, to wanted: SessionImage, to text: inout [UInt8]) {
        if known.userVariables.isEmpty && wanted.userVariables.isEmpty { return }
        for variable in wanted.userVariables where !known.userVariables.contains(variable) {
            variable.append(to: &text)
        }
        for variable in known.userVariables where !wanted.userVariables.contains(where: { $0.name == variable.name }) {
            UserVariable(name: variable.name, expression: Array("NULL".utf8)).append(to: &text)
        }
    }

    /// The `SET ROLE` that a connection needs, if any: in front of all else, which the role may have to allow.
    static func roleStatement(from known: SessionImage, to wanted: SessionImage) -> [UInt8]? {
        guard let role = wanted.role, role != known.role || wanted.roleDependsOnGrants else { return nil }
        return Array("SET ROLE ".utf8) + role
    }

    /// Besides `restorable`, variables that no server asks for a privilege to be set in a session.
    private static let unprivileged: Set<String> = [
        "wait_timeout", "interactive_timeout", "optimizer_switch", "sql_big_selects", "max_execution_time",
    ]

    /// Whether a session in any role may set this one. Which need a privilege depends on the server's version: of others
    /// it is not certain.
    static func anyRoleMaySet(_ variable: SessionImage.Variable) -> Bool {
        let name = String(decoding: variable.name, as: UTF8.self)
        return SessionImage.isCharacterSet(variable) || restorable.contains(name) || unprivileged.contains(name)
    }

    /// All of them when one differs: they set each other.
    private static func appendCharacterSets(
        from known: SessionImage, to wanted: SessionImage, _ loginCollation: UInt8, _ flavor: ServerFlavor,
        to text: inout [UInt8]
    ) {
        let variables = wanted.characterSets
        guard wanted.namesStatement != known.namesStatement || variables != known.characterSets else { return }
        if let names = wanted.namesStatement {
            text += names
        } else if known.namesStatement != nil || leavesCharacterSets(of: known, behind: variables) {
            StatementContext.appendLoginCharacterSets(loginCollation, on: flavor, to: &text)
        }
        for variable in variables { append(variable, to: &text) }
    }

    /// Whether something that was set of character sets is not set again by `variables`: those of one session always are.
    private static func leavesCharacterSets(
        of known: SessionImage, behind variables: [SessionImage.Variable]
    ) -> Bool {
        let impliesCollation = variables.contains { $0.name.elementsEqual("character_set_connection".utf8) }
        return known.characterSets.contains { old in
            if impliesCollation && old.name.elementsEqual("collation_connection".utf8) { return false }
            return !variables.contains { $0.name == old.name }
        }
    }

    /// Variables that are what a reset would make them when they are set to DEFAULT: their global values.
    private static let restorable: Set<String> = [
        "autocommit", "tx_isolation", "transaction_isolation", "tx_read_only", "transaction_read_only", "time_zone",
        "foreign_key_checks", "unique_checks", "sql_safe_updates", "sql_auto_is_null",
        "sql_select_limit", "group_concat_max_len", "net_read_timeout", "net_write_timeout",
        "innodb_lock_wait_timeout", "lock_wait_timeout", "max_statement_time", "lc_time_names",
        "div_precision_increment", "default_week_format", "sql_notes", "sql_quote_show_create", "sql_mode",
        "last_insert_id",
    ]

    /// Whether a session that never set what this one did can be given the connection: all of it can be undone.
    ///
    /// User variables cannot: one that is set to NULL keeps the type of its value.
    static func canUndo(_ image: SessionImage) -> Bool {
        guard image.userVariables.isEmpty else { return false }
        return image.variables.allSatisfy {
            SessionImage.isCharacterSet($0) || restorable.contains(String(decoding: $0.name, as: UTF8.self))
        }
    }

    private static func restore(_ variable: SessionImage.Variable, in text: inout [UInt8]) {
        if !text.isEmpty { text.append(UInt8(ascii: ",")) }
        text += "@@session.".utf8
        text += variable.name
        text += variable.name.elementsEqual("last_insert_id".utf8) ? "=0".utf8 : "=DEFAULT".utf8
    }

    /// Appends one assignment to those that `text` begins with.
    static func append(_ variable: SessionImage.Variable, to text: inout [UInt8]) {
        if !text.isEmpty { text.append(UInt8(ascii: ",")) }
        text += "@@session.".utf8
        text += variable.name
        text.append(UInt8(ascii: "="))
        append(value: variable.value, of: variable.name, to: &text)
    }

    /// A value as an expression: numbers bare (a quoted one is a type error), plain words quoted, the rest in hex, which
    /// reads the same under every SQL mode.
    private static func append(value: [UInt8], of name: [UInt8], to text: inout [UInt8]) {
        if value.isEmpty && name.elementsEqual("character_set_results".utf8) {
            text += "NULL".utf8
        } else if isNumber(value) {
            text += value
        } else if value.allSatisfy(isPlain) {
            text.append(UInt8(ascii: "'"))
            text += value
            text.append(UInt8(ascii: "'"))
        } else {
            text += "CONVERT(x'".utf8
            for byte in value {
                text.append(hexadecimal(byte >> 4))
                text.append(hexadecimal(byte & 15))
            }
            text += "' USING utf8mb4)".utf8
        }
    }

    private static func isNumber(_ value: [UInt8]) -> Bool {
        var digits = 0
        var points = 0
        for (index, byte) in value.enumerated() {
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): digits += 1
            case UInt8(ascii: "."): points += 1
            case UInt8(ascii: "-") where index == 0: break
            default: return false
            }
        }
        return digits > 0 && points <= 1
    }

    private static func isPlain(_ byte: UInt8) -> Bool {
        byte >= 0x20 && byte < 0x7F && byte != UInt8(ascii: "'") && byte != UInt8(ascii: "\\")
    }

    private static func hexadecimal(_ nibble: UInt8) -> UInt8 {
        nibble < 10 ? UInt8(ascii: "0") + nibble : UInt8(ascii: "A") + nibble - 10
    }
}
