// What the text of a prepared statement was read under. It is read again on every connection where it is executed.

/// The part of a session's state that decides what a text means when it is prepared; what holds later changes nothing.
package struct StatementContext: Sendable, Equatable {
    /// The revision of the image it was taken from: an image of the same session and revision needs no comparison.
    package let revision: UInt64
    /// The default schema; empty for none.
    package let schema: [UInt8]
    let sqlMode: [UInt8]?
    let namesStatement: [UInt8]?
    let characterSets: [SessionImage.Variable]

    /// The context of a statement that is prepared now.
    package init(_ image: SessionImage) {
        revision = image.revision
        schema = image.schema
        sqlMode = image.value(of: "sql_mode")
        namesStatement = image.namesStatement
        characterSets = image.characterSets
    }

    /// The statement that leads from this context to another; nil when the texts mean the same in both.
    ///
    /// - Parameter loginCollation: the collation of the login, in force where nothing was reported.
    func assignments(to other: StatementContext, loginCollation: UInt8) -> [UInt8]? {
        var text: [UInt8] = []
        if sqlMode != other.sqlMode {
            if let mode = other.sqlMode {
                Self.append("sql_mode", mode, to: &text)
            } else {
                text += "@@session.sql_mode=@@global.sql_mode".utf8
            }
        }
        if namesStatement != other.namesStatement || characterSets != other.characterSets {
            other.appendCharacterSets(to: &text, loginCollation: loginCollation)
        }
        return text.isEmpty ? nil : Array("SET ".utf8) + text
    }

    /// From whatever there was.
    private func appendCharacterSets(to text: inout [UInt8], loginCollation: UInt8) {
        if let namesStatement {
            if !text.isEmpty { text.append(UInt8(ascii: ",")) }
            text += namesStatement
        } else {
            Self.appendLoginCharacterSets(loginCollation, to: &text)
        }
        for variable in characterSets { SessionSynchronizer.append(variable, to: &text) }
    }

    /// What a login with this collation sets.
    static func appendLoginCharacterSets(_ loginCollation: UInt8, to text: inout [UInt8]) {
        guard loginCollation != 0 else {
            if !text.isEmpty { text.append(UInt8(ascii: ",")) }
            // Without a collation the login left the choice to the server.
            text += "NAMES DEFAULT".utf8
            return
        }
        // By number: that is what a login says.
        let number = Array("\(loginCollation)".utf8)
        for name in ["character_set_client", "character_set_results", "collation_connection"] {
            append(name, number, to: &text)
        }
    }

    private static func append(_ name: String, _ value: [UInt8], to text: inout [UInt8]) {
        SessionSynchronizer.append(SessionImage.Variable(name: Array(name.utf8), value: value), to: &text)
    }
}
