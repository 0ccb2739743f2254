// What the text of a prepared statement was read under. It is read again on every connection where it is executed.
internal import Topology

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
    /// - Parameters:
    ///   - loginCollation: the collation of the login, in force where nothing was reported.
    ///   - flavor: the server's family.
    func assignments(
        to other: StatementContext, loginCollation: UInt8, on flavor: ServerFlavor = .unknown
    ) -> [UInt8]? {
        var text: [UInt8] = []
        if sqlMode != other.sqlMode {
            if let mode = other.sqlMode {
                Self.append("sql_mode", mode, to: &text)
            } else {
                text += "@@session.sql_mode=@@global.sql_mode".utf8
            }
        }
        if namesStatement != other.namesStatement || characterSets != other.characterSets {
            other.appendCharacterSets(to: &text, loginCollation: loginCollation, on: flavor)
        }
        return text.isEmpty ? nil : Array("SET ".utf8) + text
    }

    /// From whatever there was.
    private func appendCharacterSets(to text: inout [UInt8], loginCollation: UInt8, on flavor: ServerFlavor) {
        if let namesStatement {
            if !text.isEmpty { text.append(UInt8(ascii: ",")) }
            text += namesStatement
        } else {
            Self.appendLoginCharacterSets(loginCollation, on: flavor, to: &text)
        }
        for variable in characterSets { SessionSynchronizer.append(variable, to: &text) }
    }

    /// What a login with this collation sets.
    static func appendLoginCharacterSets(_ loginCollation: UInt8, on flavor: ServerFlavor, to text: inout [UInt8]) {
        if flavor == .mariaDB || loginCollation == 0 {
            if !text.isEmpty { text.append(UInt8(ascii: ",")) }
            text += mariaDBLoginCharacterSets(loginCollation).utf8
            return
        }
        // By number: that is what a login says.
        let number = Array("\(loginCollation)".utf8)
        for name in ["character_set_client", "character_set_results", "collation_connection"] {
            append(name, number, to: &text)
        }
    }

    /// MariaDB takes the number of a default collation, as clients log in with, for what `SET NAMES` of its character set
    /// chooses: the collation that `character_set_collations` names (seen on 11.8, where 45 is that of
    /// utf8mb4_general_ci in a `SET`). It takes no other number for a character set, and one that it does not know for its
    /// default (10.11 and 11.8).
    private static func mariaDBLoginCharacterSets(_ loginCollation: UInt8) -> String {
        switch loginCollation {
        // Without a collation the login left the choice to the server.
        case 0: return "NAMES DEFAULT"
        case 8: return "NAMES latin1"
        case 33: return "NAMES utf8mb3"
        case 45: return "NAMES utf8mb4"
        default: break
        }
        return [
            ("character_set_client", "CHARACTER_SET_NAME"), ("character_set_results", "CHARACTER_SET_NAME"),
            ("collation_connection", "FULL_COLLATION_NAME"),
        ].map { variable, column in
            "@@session.\(variable)=COALESCE((SELECT \(column) FROM "
                + "information_schema.COLLATION_CHARACTER_SET_APPLICABILITY WHERE ID=\(loginCollation)),"
                + "@@global.\(variable))"
        }.joined(separator: ",")
    }

    private static func append(_ name: String, _ value: [UInt8], to text: inout [UInt8]) {
        SessionSynchronizer.append(SessionImage.Variable(name: Array(name.utf8), value: value), to: &text)
    }
}
