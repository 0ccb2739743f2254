// The command at hand: what it is, where it was decided to go, how far it came.
internal import Routing
internal import SQL
internal import Wire

/// One command from its first byte to the last of its reply.
struct RunningCommand {
    /// Who wants the reply.
    enum Purpose {
        /// The client.
        case client
        /// The login: a server is asked whether the schema exists.
        case schemaCheck
        /// The proxy: what the account may do.
        case privileges
    }

    var code: CommandCode
    var replyKind: ResponseKind
    var traits: StatementTraits
    var decision: RoutingDecision
    var purpose = Purpose.client
    /// The sequence number of a reply that the proxy makes.
    var replySequence: UInt8 = 1
    /// Bit i: entry i failed, and is not asked again.
    var excluded: UInt64 = 0
    var attempts = 0
    /// Whether it is too long to be read as a whole, and passes through as it comes.
    var streams = false
    /// Whether it is long and may do more to the session than its first word says.
    var isUnread = false
    /// The error that the client gets when the bytes of a refused long command have passed.
    var refusal: ProxyError?
    /// Whether it counts as in flight on its node.
    var isCounted = false
    /// Whether the whole command is in the session's request buffer.
    var isRetained = false
    /// Whether anything of it was sent to the present server.
    var wasSent = false
    /// Whether the client got a byte of the reply.
    var wasAnswered = false
    /// Lane nanoseconds at which it came, and at which it was sent.
    var receivedAt: UInt64 = 0
    var sentAt: UInt64 = 0
    /// Lane milliseconds at which it first had to wait; 0 when it never had to. Attempts in between do not reset it.
    var waitingSince: UInt64 = 0
    /// Whether it is in the queue of those who wait.
    var isWaiting = false
    /// What the reply said.
    var endedInError = false
    var hadRows = false
    /// The status flags of the last result before an error; nil when the error came first.
    var statusBeforeError: StatusFlags?
    /// A reader refused it as a write: it goes to the primary, and the client does not hear of it.
    var goesToPrimary = false
    /// A reader does not have yet what it names: it goes to the primary, and is repeatable there too.
    var lagsBehind = false
    /// The parts of session tracking that it sets.
    var setsTracking: OwnTracking = []
    var lastInsertID: UInt64 = 0
    var warnings: UInt16 = 0
    /// Whether the reply's end is one in which a server reports the position of what was written.
    var endReportsPosition = false
    /// Whether any of its results said that it changed rows.
    var changedRows = false
    /// A statement of the proxy's own follows it, so that the server reports what it changed.
    var awaitsReport = false
    /// Whether the client has its whole answer meanwhile.
    var isAnsweredFully = false
    /// Whether that was refused, or cannot tell everything.
    var reportIsIncomplete = false
    /// What its text says of character sets.
    var characterSetChanges: [CharacterSetChange] = []
    /// Whether the server told the collation of the connection.
    var reportedCollation = false
    var finalStatus: StatusFlags = []
    var reportedPosition = false
    /// The prepared statement that it makes or uses.
    var statement: ClientStatement?
    /// Where its packet says of what types the parameters are.
    var types = StatementExecute.Types.none
    /// A COM_STMT_PREPARE of the proxy's own was sent in front of it.
    var awaitsPrepare = false
    /// A server asked for the statement to be prepared anew; the client does not hear of it.
    var preparesAgain = false
    /// It was, once.
    var wasPreparedAgain = false
    /// Bytes of payload in a streamed command's first frame.
    var firstFrameBytes = 0
    /// The beginning of its stream is to be changed into what the server understands.
    var headIsDue = false
    /// What COM_SET_OPTION says of several statements in one text.
    var multiStatements: Bool?
    /// The schema that COM_INIT_DB names.
    var schema: [UInt8] = []

    /// It is sent once more, from its beginning: what the reply before said, or was still to say, does not count.
    mutating func beginsAgain() {
        wasSent = false
        endedInError = false
        changedRows = false
        awaitsReport = false
        reportIsIncomplete = false
        characterSetChanges = []
    }

    /// Whether nobody waits for an answer to it, not even for an error.
    var isLongData: Bool { code == .statementSendLongData && statement != nil }
    /// Whether it needs its statement prepared where it runs.
    var usesStatement: Bool { statement != nil && code != .statementPrepare }

    /// Whether it writes, for the node's counters.
    var countsAsWrite: Bool { decision.target != .reader && traits.access != .read }
}

extension StatementTraits {
    /// The traits of a command that carries no SQL.
    static func command(_ access: StatementAccess, kind: StatementKind = .other) -> StatementTraits {
        StatementTraits(kind: kind, access: access, reason: access == .read ? .pureRead : .sessionState)
    }
}
