// How SHOW and DESCRIBE name a table: `t`, `s.t`, or `t FROM s`.

/// A table by name, not yet looked up.
struct TableReference {
    let schema: String?
    let name: String

    /// Reads a reference; throws 1064 if there is none.
    init(_ cursor: inout ConsoleTokenCursor) throws(ConsoleError) {
        guard let reference = cursor.takeQualifiedName() else { throw ConsoleError.syntax("a table name is missing") }
        name = reference.name
        schema = try Self.schema(&cursor) ?? reference.schema
    }

    /// Reads `FROM s` or `IN s`, if it is there.
    static func schema(_ cursor: inout ConsoleTokenCursor) throws(ConsoleError) -> String? {
        guard cursor.take(anyOf: ["FROM", "IN"]) != nil else { return nil }
        guard let schema = cursor.takeIdentifier() else { throw ConsoleError.syntax("a database name is missing") }
        return schema
    }
}
