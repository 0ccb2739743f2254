// What the text of a prepared statement was read under. It is read again on every connection where it is executed.

/// The part of a session's state that decides what a text means when it is prepared; what holds later changes nothing.
package struct StatementContext: Sendable, Equatable {
    /// The revision of the image it was taken from: an image of the same session and revision needs no comparison.
    package let revision: UInt64
    let schema: [UInt8]
    let sqlMode: [UInt8]?
    let characterSet: [UInt8]?
    let collation: [UInt8]?

    /// The context of a statement that is prepared now.
    package init(_ image: SessionImage) {
        revision = image.revision
        schema = image.schema
        sqlMode = image.value(of: "sql_mode")
        characterSet = image.value(of: "character_set_client")
        collation = image.value(of: "collation_connection")
    }

    /// The statement that leads from this context to another; nil when the texts mean the same in both.
    ///
    /// - Parameter loginCollation: the collation of the login, in force where nothing was reported.
    func assignments(to other: StatementContext, loginCollation: UInt8) -> [UInt8]? {
        var parts: [[UInt8]] = []
        if sqlMode != other.sqlMode {
            parts.append(
                Self.assignment("sql_mode", other.sqlMode) ?? Array("@@session.sql_mode=@@global.sql_mode".utf8))
        }
        if characterSet != other.characterSet || collation != other.collation {
            // By number: that is what a login says.
            let login = loginCollation == 0 ? nil : Array("\(loginCollation)".utf8)
            for (name, value) in [
                ("character_set_client", other.characterSet), ("collation_connection", other.collation),
            ] {
                if let part = Self.assignment(name, value ?? login) { parts.append(part) }
            }
        }
        guard !parts.isEmpty else { return nil }
        return Array("SET ".utf8) + parts.joined(separator: [UInt8(ascii: ",")])
    }

    private static func assignment(_ name: String, _ value: [UInt8]?) -> [UInt8]? {
        guard let value else { return nil }
        var text: [UInt8] = []
        SessionSynchronizer.append(
            SessionImage.Variable(name: Array(name.utf8), value: value), to: &text, isFirst: true)
        return text
    }
}
