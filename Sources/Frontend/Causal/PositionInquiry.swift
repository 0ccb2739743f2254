// What servers are asked about positions, and how far a command is with it.
internal import Wire

/// A question in front of a statement, on the connection that it may go to.
enum PositionInquiry {
    /// Where the primary is; `unknownWrites` were acknowledged without a position when it was asked.
    case primary(unknownWrites: UInt64)
    /// Whether a replica comes to this position in time.
    case wait(Position, index: Int)

    /// The statement. Its limit is its own because the session may have set another, of 0.
    func text(flavor: PositionFlavor, timeoutMilliseconds: UInt64) -> [UInt8] {
        switch self {
        case .primary:
            switch flavor {
            // Both: without log_slave_updates the binary log does not have what came by replication, and what the server
            // itself wrote as a primary is in no other place.
            case .mariaDB: Array("SELECT CONCAT(@@gtid_binlog_pos, ',', @@gtid_current_pos) LIMIT 1".utf8)
            // What is being committed can be seen a moment before it is among what was executed.
            case .mySQL:
                Array(
                    """
                    SELECT CONCAT(REGEXP_REPLACE(@@GLOBAL.gtid_owned, '#[0-9]+', ''), ',', @@GLOBAL.gtid_executed) \
                    LIMIT 1
                    """.utf8)
            }
        case .wait(let position, _):
            switch flavor {
            case .mariaDB: Array("SELECT MASTER_GTID_WAIT('\(position)', \(seconds(timeoutMilliseconds))) LIMIT 1".utf8)
            case .mySQL:
                Array("SELECT WAIT_FOR_EXECUTED_GTID_SET('\(position)', \(seconds(timeoutMilliseconds))) LIMIT 1".utf8)
            }
        }
    }

    /// MySQL takes 0 for "for ever".
    private func seconds(_ milliseconds: UInt64) -> String {
        let milliseconds = max(milliseconds, 1)
        let rest = "\(milliseconds % 1_000)"
        return "\(milliseconds / 1_000)." + String(repeating: "0", count: 3 - rest.count) + rest
    }

    /// The primary's answer as a position; nil when it has none.
    static func position(_ answer: [UInt8]?, flavor: PositionFlavor) -> Position? {
        guard let answer else { return nil }
        let comma = UInt8(ascii: ",")
        let begun = answer.drop { $0 == comma }
        let text = begun.prefix(begun.lastIndex { $0 != comma }.map { $0 - begun.startIndex + 1 } ?? 0)
        guard !text.isEmpty else { return nil }
        return Array(text).withUnsafeBytes { try? Position.parse($0, flavor: flavor) }
    }

    /// Whether the replica said that it is there. MariaDB: 0, or -1 after the time; MySQL: 0, or 1.
    static func isThere(_ answer: [UInt8]?) -> Bool { answer == [UInt8(ascii: "0")] }
}

/// How far a command is with what its read must have seen.
struct CausalProgress {
    /// Something is to be asked on the chosen connection before the statement is sent: the session knows what.
    var isPlanned = false
    /// It was sent; its answer is not here yet.
    var isAsked = false
    /// The primary told its position for this command: it is not asked again.
    var hasAsked = false
    /// It could tell it.
    var isTold = false
    /// A replica was waited for: no other is.
    var hasWaited = false
    /// Lane nanoseconds at which it was chosen to ask.
    var chosenAt: UInt64 = 0
    /// How old the position was then, in milliseconds.
    var ageMilliseconds: UInt64 = 0
    /// What the statement itself asks for, in the place of the session's mode.
    var mode: CausalMode?

    /// The command ran, and is to run on another node: what that node has is asked and waited for like for a command that has
    /// just come.
    mutating func beginAnew() {
        forgetInquiry()
        hasAsked = false
        isTold = false
        hasWaited = false
    }

    /// The command is routed anew.
    mutating func forgetInquiry() {
        isPlanned = false
        isAsked = false
    }
}
