// What every server connection is told first, after its login and after each reset.
internal import Topology
internal import Wire

/// The statement that makes a server report what the proxy must know, and that makes a reset connection what its login
/// had made it.
enum OpeningStatement {
    /// Reports of changed session state and of the positions of commits; for a reader, refusal of writes.
    ///
    /// - Parameter login: after COM_RESET_CONNECTION, what the login fixed. MySQL (9.7) then goes to the server's default
    ///   character set (collation 0), where MariaDB (10.11) keeps that of the login; both forget CLIENT_IGNORE_SPACE.
    static func text(
        for flavor: ServerFlavor, isReadOnly: Bool, resetFrom login: ConnectionTraits? = nil
    ) -> [UInt8] {
        var text = "SET SESSION session_track_system_variables='*', SESSION session_track_schema=1"
        if flavor == .mySQL { text += ", SESSION session_track_gtids='OWN_GTID'" }
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
        return Array(text.utf8)
    }
}
