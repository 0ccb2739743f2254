// What a client that tracks its session hears of what servers report.
//
// Server connections report more than any client asks for: that is how the proxy knows the session's state. A client gets
// what a server would report to it: by default five variables and the schema, no GTIDs, and not whether anything changed
// (both servers' defaults).
internal import SQL
internal import Wire

/// The parts of tracking that the client set up itself: there a server reports what the client asked for, and no more.
struct OwnTracking: OptionSet, Sendable {
    let rawValue: UInt8

    /// `session_track_system_variables`
    static let variables = OwnTracking(rawValue: 1)
    /// `session_track_gtids`
    static let gtids = OwnTracking(rawValue: 2)

    /// `session_track_state_change`
    static let stateChange = OwnTracking(rawValue: 4)
    /// `session_track_transaction_info`
    static let transactions = OwnTracking(rawValue: 8)
    /// Of that, the characteristics, which a statement asks for now.
    static let beginsCharacteristics = OwnTracking(rawValue: 16)
    /// Nothing is left to be taken out.
    static let all: OwnTracking = [.variables, .gtids, .stateChange, .transactions]

    /// What a `SET` that reads like this takes over. A comment that has a name does no harm.
    init(settingText text: UnsafeRawBufferPointer) {
        var own: OwnTracking = []
        if text.contains(word: "session_track_system_variables", ignoringCase: true) { own.insert(.variables) }
        if text.contains(word: "session_track_gtids", ignoringCase: true) { own.insert(.gtids) }
        if text.contains(word: "session_track_state_change", ignoringCase: true) { own.insert(.stateChange) }
        if text.contains(word: "session_track_transaction_info", ignoringCase: true) {
            own.insert(.transactions)
            if text.contains(word: "characteristics", ignoringCase: true) { own.insert(.beginsCharacteristics) }
        }
        self = own
    }

    init(rawValue: UInt8) { self.rawValue = rawValue }
}

/// Takes out of session-state records what the client did not ask for.
enum SessionTrackingFilter {
    /// The default of `session_track_system_variables` (MariaDB 10.11, MySQL 9.7).
    private static let variables: [StaticString] = [
        "autocommit", "character_set_client", "character_set_connection", "character_set_results", "time_zone",
    ]

    /// The records that are left, possibly none.
    ///
    /// MySQL tells the state of transactions (5) though `session_track_transaction_info` is OFF, until that is set (seen on
    /// 9.7); MariaDB does not.
    static func filtered(
        _ records: UnsafeRawBufferPointer, _ own: OwnTracking, _ dialect: Dialect
    ) throws(WireError) -> [UInt8] {
        var reader = ByteReader(records)
        var writer = ByteWriter()
        var tellsState = false
        while reader.remaining > 0 {
            let type = try reader.readUInt8()
            let record = try reader.readLengthEncodedBytes()
            tellsState = tellsState || type == 5
            switch type {
            case 0 where !own.contains(.variables): try keepDefaults(record, &writer)
            case 2 where !own.contains(.stateChange): break
            case 3 where !own.contains(.gtids): break
            case 4 where !own.contains(.transactions): break
            case 5 where !own.contains(.transactions) && dialect == .mariaDB: break
            default:
                writer.writeUInt8(type)
                writer.writeLengthEncodedBytes(record)
            }
        }
        // A server that begins to track says what there is, which is no transaction. MariaDB does not where it tracked
        // states before, as the proxy had asked it to.
        if own.contains(.beginsCharacteristics) && dialect == .mariaDB && !tellsState {
            return noTransaction + writer.bytes
        }
        return writer.bytes
    }

    /// A record of type 5: none of the letters.
    private static let noTransaction: [UInt8] = [5, 9, 8] + Array(repeating: UInt8(ascii: "_"), count: 8)

    private static func keepDefaults(
        _ record: UnsafeRawBufferPointer, _ writer: inout ByteWriter
    ) throws(WireError) {
        var pairs = ByteReader(record)
        while pairs.remaining > 0 {
            let name = try pairs.readLengthEncodedBytes()
            let value = try pairs.readLengthEncodedBytes()
            guard variables.contains(where: { isEqual($0, name) }) else { continue }
            var pair = ByteWriter()
            pair.writeLengthEncodedBytes(name)
            pair.writeLengthEncodedBytes(value)
            writer.writeUInt8(0)
            writer.writeLengthEncodedBytes(pair.bytes)
        }
    }

    private static func isEqual(_ known: StaticString, _ name: UnsafeRawBufferPointer) -> Bool {
        name.elementsEqual(UnsafeBufferPointer(start: known.utf8Start, count: known.utf8CodeUnitCount))
    }
}
