// What every server connection is told first, after its login and after each reset.
internal import Topology
internal import Wire

/// The statement that makes a server report, and a fresh session what the login made it.
///
/// `COM_RESET_CONNECTION` undoes the character set that the handshake chose: MySQL goes to its own default (seen on
/// 9.7), MariaDB to that of the login (seen on 10.11 and 11.8). So on MySQL the login's collation is asked for once, by
/// setting the variable to the value it has, and chosen again by name behind each reset. `SET NAMES … COLLATE …` is the only
/// form that also gives the metadata of results the collation's own number.
struct OpeningStatement {
    private let flavor: ServerFlavor
    private let isReadOnly: Bool
    /// The name of the login's collation, once the server reported it.
    private var collation: [UInt8] = []

    init(flavor: ServerFlavor, isReadOnly: Bool) {
        self.flavor = flavor
        self.isReadOnly = isReadOnly
    }

    /// Whether a reset can be followed by everything that a fresh session needs.
    var canFollowReset: Bool { flavor != .mySQL || !collation.isEmpty }

    /// To report the changes of session state and the positions of commits, and, for a reader, to refuse writes.
    var text: [UInt8] {
        guard flavor == .mySQL else {
            // MariaDB knows `transaction_read_only` from 11.1 on, and keeps the first name; MySQL 8 has that one only.
            let readOnly = isReadOnly ? ", SESSION tx_read_only=1" : ""
            return Array(
                "SET SESSION session_track_system_variables='*', SESSION session_track_schema=1\(readOnly)".utf8)
        }
        var text = Array("SET ".utf8)
        if !collation.isEmpty {
            text += "NAMES ".utf8
            // A collation's name begins with its character set's; `binary` is both.
            text += collation.prefix { $0 != UInt8(ascii: "_") }
            text += " COLLATE ".utf8
            text += collation
            text += ", ".utf8
        }
        text += "SESSION session_track_system_variables='*', SESSION session_track_schema=1".utf8
        text += ", SESSION session_track_gtids='OWN_GTID'".utf8
        if isReadOnly { text += ", SESSION transaction_read_only=1".utf8 }
        if collation.isEmpty { text += ", SESSION collation_connection=@@SESSION.collation_connection".utf8 }
        return text
    }

    /// Takes the collation out of the reply to `text`; `payload` is its OK packet.
    mutating func answered(_ payload: UnsafeRawBufferPointer, _ capabilities: Capabilities) throws(WireError) {
        guard flavor == .mySQL, collation.isEmpty else { return }
        let head = try OKHead.parse(payload, capabilities: capabilities)
        var reader = SessionStateReader(head.sessionState)
        while let change = try reader.next() {
            guard case .systemVariable(let name, let value) = change,
                name.elementsEqual("collation_connection".utf8), !value.isEmpty,
                value.count <= BackendLimits.collationNameBytes, value.allSatisfy(Self.isNamePart)
            else { continue }
            collation = Array(value)
        }
    }

    private static func isNamePart(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte) || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
            || byte == UInt8(ascii: "_")
    }
}
