// What the number of a collation means in a login.
//
// At connect servers look at one byte of it, in COM_CHANGE_USER at two (MariaDB 10.11 and 11.8, MySQL 9.7). A number that
// they do not know is the server's default.
internal import SQL
internal import Topology

enum LoginCollation {
    /// The byte that says it in a login to a server; 0, which nobody knows, when it takes two.
    static func byte(_ id: UInt16) -> UInt8 { UInt8(exactly: id) ?? 0 }

    /// What says the rest to a server, as text behind `SET`; nil when the byte says it all.
    ///
    /// A number can be assigned to the collation on both servers, to a character set on MySQL only; names serve both. The
    /// names of an unknown number are those of the server's default.
    static func assignments(_ id: UInt16, _ dialect: Dialect) -> [UInt8]? {
        guard id > UInt16(UInt8.max) else { return nil }
        let isMariaDB = dialect == .mariaDB
        let table = isMariaDB ? "COLLATION_CHARACTER_SET_APPLICABILITY" : "COLLATIONS"
        func assignment(_ variable: String, _ column: String) -> String {
            "@@session.\(variable)=COALESCE((SELECT \(column) FROM information_schema.\(table) WHERE ID=\(id)),"
                + "@@global.\(variable))"
        }
        let characterSets = ["character_set_client", "character_set_results"].map {
            assignment($0, "CHARACTER_SET_NAME")
        }
        let collation = assignment("collation_connection", isMariaDB ? "FULL_COLLATION_NAME" : "COLLATION_NAME")
        return Array((characterSets + [collation]).joined(separator: ",").utf8)
    }

    /// The character set of a collation when no client can have it, because it writes ASCII in more than one byte.
    static func unusableCharacterSet(_ id: UInt16, _ flavor: ServerFlavor) -> String? {
        switch id {
        case 35, 90, 128...151, 159: return "ucs2"
        case 54, 55, 101...124: return "utf16"
        case 56, 62: return "utf16le"
        case 60, 61, 160...183: return "utf32"
        default: break
        }
        guard flavor == .mariaDB else { return nil }
        switch id {
        case 640...642, 1_059, 1_114, 1_152, 1_174, 2_560...2_727, 2_744...2_759: return "ucs2"
        case 672...674, 1_078, 1_079, 1_125, 1_147, 2_816...2_983, 3_000...3_015: return "utf16"
        case 1_080, 1_086: return "utf16le"
        case 736...738, 1_084, 1_085, 1_184, 1_206, 3_072...3_239, 3_256...3_271: return "utf32"
        default: return nil
        }
    }
}

extension ProxyError {
    /// 1231, in the server's own words.
    static func unusableCharacterSet(_ name: String) -> ProxyError {
        ProxyError(
            code: 1231, sqlState: "42000",
            message: "Variable 'character_set_client' can't be set to the value of '\(name)'")
    }
}

extension ProxySession {
    /// The session begins in a collation that no login to a server can name.
    func noteLoginCollation() {
        guard let assignments = LoginCollation.assignments(identity.collation, state.sqlMode.dialect) else { return }
        state.namesSet(assignments, except: [])
    }
}
