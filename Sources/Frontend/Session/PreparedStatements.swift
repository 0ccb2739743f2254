// The statements that a session prepared with COM_STMT_PREPARE, by the server's own ids.
internal import SQL

/// What is remembered of each statement: where it stands is the session's main connection, which it pins.
struct PreparedStatements {
    private var traits: [UInt32: StatementTraits] = [:]

    var isEmpty: Bool { traits.isEmpty }
    var count: Int { traits.count }

    mutating func prepared(_ id: UInt32, _ statement: StatementTraits) { traits[id] = statement }
    mutating func closed(_ id: UInt32) { traits[id] = nil }
    mutating func removeAll() { traits = [:] }
    subscript(id: UInt32) -> StatementTraits? { traits[id] }
}
