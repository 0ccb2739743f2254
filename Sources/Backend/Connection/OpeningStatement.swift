// What every server connection is told first, after its login and after each reset.
internal import Topology
internal import Wire

/// The statement that makes a server report what the proxy must know, and that makes a reset connection what its login
/// had made it.
enum OpeningStatement {
    /// From here on the numbers of one byte are those of MySQL's collations alone. Of a login with a number that it does not
    /// know MariaDB takes its defaults, and after COM_RESET_CONNECTION the character set that an earlier connection of the
    /// same thread had logged in with (seen on 11.8).
    static let firstForeignCollation: UInt8 = 248
    /// MySQL's utf8mb4_0900_ai_ci, which MariaDB 11.8 knows and 10.11 does not.
    private static let utf8mb40900: UInt8 = 255

    /// Reports of changed session state and of the positions of commits; for a reader, refusal of writes.
    ///
    /// - Parameter tellsTransactions: whether the ends of rows have room for what they announce. Then MariaDB is asked to
    ///   tell when a transaction writes to tables that no transaction covers; MySQL (9.7) tells that unasked.
    /// - Parameter login: after COM_RESET_CONNECTION, what the login fixed. MySQL (9.7) then goes to the server's default
    ///   character set (collation 0), where MariaDB (10.11) keeps that of the login; both forget CLIENT_IGNORE_SPACE.
    static func text(
        for flavor: ServerFlavor, isReadOnly: Bool, tellsTransactions: Bool = false,
        resetFrom login: ConnectionTraits? = nil
    ) -> [UInt8] {
        var text = "SET SESSION session_track_system_variables='*', SESSION session_track_schema=1"
        // What triggers and functions do to the session is told by this alone.
        text += ", SESSION session_track_state_change=1"
        if flavor == .mySQL { text += ", SESSION session_track_gtids='OWN_GTID'" }
        if flavor == .mariaDB && tellsTransactions && !isReadOnly {
            text += ", SESSION session_track_transaction_info='STATE'"
        }
        if isReadOnly {
            // MariaDB knows the second name from 11.1 on, and keeps the first; MySQL 8 has the second only.
            text += flavor == .mySQL ? ", SESSION transaction_read_only=1" : ", SESSION tx_read_only=1"
        }
        guard let login else { return Array(text.utf8) }
        if Capabilities(rawValue: login.capabilities).contains(.ignoreSpace) {
            text += ", SESSION sql_mode=CONCAT_WS(',',NULLIF(@@global.sql_mode,''),'IGNORE_SPACE')"
        }
        if flavor == .mySQL, login.collation != 0 {
            // These three, by id, are what the handshake sets.
            for name in ["character_set_client", "character_set_results", "collation_connection"] {
                text += ", SESSION \(name)=\(login.collation)"
            }
        }
        if flavor == .mariaDB, login.collation == 0 || login.collation >= firstForeignCollation {
            for name in ["character_set_client", "character_set_results", "collation_connection"] {
                text += ", SESSION \(name)=@@global.\(name)"
            }
        }
        return Array(text.utf8)
    }

    /// What goes behind `text` after a reset, and which not every server takes.
    static func attempt(for flavor: ServerFlavor, resetFrom login: ConnectionTraits) -> [UInt8]? {
        guard flavor == .mariaDB, login.collation == utf8mb40900 else { return nil }
        return Array(
            ("SET SESSION character_set_client=utf8mb4, SESSION character_set_results=utf8mb4, "
                + "SESSION collation_connection=\(utf8mb40900)").utf8)
    }
}
