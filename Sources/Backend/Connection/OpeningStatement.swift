// What every server connection is told first, after its login and after each reset.
internal import Topology

/// The statement that makes a server report what the proxy must know, and that makes a reset connection what its login
/// had made it.
enum OpeningStatement {
    /// Reports of changed session state and of the positions of commits; for a reader, refusal of writes.
    ///
    /// - Parameter resetFrom: after COM_RESET_CONNECTION, the collation id of the login. MySQL (9.7) then goes to the
    ///   server's default character set, where MariaDB (10.11) keeps that of the login. 0 stands for that default.
    static func text(for flavor: ServerFlavor, isReadOnly: Bool, resetFrom collation: UInt8? = nil) -> [UInt8] {
        var text = "SET SESSION session_track_system_variables='*', SESSION session_track_schema=1"
        if flavor == .mySQL { text += ", SESSION session_track_gtids='OWN_GTID'" }
        if isReadOnly {
            // MariaDB knows the second name from 11.1 on, and keeps the first; MySQL 8 has the second only.
            text += flavor == .mySQL ? ", SESSION transaction_read_only=1" : ", SESSION tx_read_only=1"
        }
        if flavor == .mySQL, let collation, collation != 0 {
            // These three, by id, are what the handshake sets.
            for name in ["character_set_client", "character_set_results", "collation_connection"] {
                text += ", SESSION \(name)=\(collation)"
            }
        }
        return Array(text.utf8)
    }
}
