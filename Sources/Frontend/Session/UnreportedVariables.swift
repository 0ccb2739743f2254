// What servers do not report of a SET by themselves, and the statement that makes them.
internal import SQL

/// MariaDB does not report `SET @@x = …` at all, and of `SET NAMES … COLLATE …` not the collation (seen on 10.11).
/// Setting a variable to the value it has, in a form that is reported, brings the value to light in the same round trip.
enum UnreportedVariables {
    /// At most so many variables of one SET are asked about; with more the session is pinned.
    static let maximum = 32

    /// The statement that goes behind the client's.
    ///
    /// - Parameter text: the client's statement.
    static func statement(_ text: UnsafeRawBufferPointer, _ traits: StatementTraits, _ mode: SQLMode) -> [UInt8] {
        var names: [[UInt8]] = []
        if traits.effects.contains(.setsBareSystemVariable), traits.statementCount == 1 {
            for assignment in SetStatement.assignments(text, mode: mode).prefix(maximum) {
                guard assignment.scope == .session, assignment.name.allSatisfy(isPlain),
                    // Set to its own value, `timestamp` would stand still.
                    !SessionState.notCarried.contains(String(decoding: assignment.name, as: UTF8.self))
                else { continue }
                names.append(assignment.name)
            }
        }
        let collation = Array("collation_connection".utf8)
        if traits.effects.contains(.changesCharacterSet) || names.isEmpty { names.append(collation) }
        var statement = Array("SET ".utf8)
        for (index, name) in names.enumerated() {
            if index > 0 { statement.append(UInt8(ascii: ",")) }
            statement += "SESSION ".utf8
            statement += name
            statement += "=@@session.".utf8
            statement += name
        }
        return statement
    }

    private static func isPlain(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte) || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
            || byte == UInt8(ascii: "_")
    }
}
