// The command at hand: what it is, where it was decided to go, how far it came.
internal import Routing
internal import SQL
internal import Wire

/// One command from its first byte to the last of its reply.
///
/// Made for every query: what only a few commands have is in `CommandDetails`, so that all of it but two references is
/// plain bytes. Flags stand together: nearly every statement asks for most of them.
struct RunningCommand {
    /// Who wants the reply.
    enum Purpose {
        /// The client.
        case client
        /// The login: a server is asked whether the schema exists.
        case schemaCheck
        /// The proxy: what the account may do.
        case privileges
        /// The proxy: a transaction is repeated.
        case replay
    }

    var code: CommandCode
    var replyKind: ResponseKind
    var purpose = Purpose.client
    /// The sequence number of a reply that the proxy makes.
    var replySequence: UInt8 = 1
    var decision: RoutingDecision
    /// Whether it is too long to be read as a whole, and passes through as it comes.
    var streams = false
    /// Whether it is long and may do more to the session than its first word says.
    var isUnread = false
    /// Whether it counts as in flight on its node.
    var isCounted = false
    /// Whether the whole command is in the session's request buffer.
    var isRetained = false
    /// Whether anything of it was sent to the present server.
    var wasSent = false
    /// Whether the client got a byte of the reply.
    var wasAnswered = false
    /// Whether it is in the queue of those who wait.
    var isWaiting = false
    /// What the reply said.
    var endedInError = false
    var hadRows = false
    /// It did nothing but read, and its reply ended with nothing else to be noted.
    var endedPlainly = false
    /// Whether the reply's end is one in which a server reports the position of what was written.
    var endReportsPosition = false
    /// Whether the result at hand reported a position, and whether it says that it changed rows.
    var resultReportsPosition = false
    var changedRows = false
    /// One of several results ended where no server reports the position of what was written, and no position since
    /// covers that.
    var endedUntold = false
    /// It was ended on a former primary, which says that it is done: nobody knows whether it is anywhere else.
    var outcomeIsUnknown = false
    /// It ran on a former primary, and that was told to end it.
    var isInterrupted = false
    /// A statement of the proxy's own follows it, so that the server reports what it changed.
    var awaitsReport = false
    /// Whether that was refused, or cannot tell everything.
    var reportIsIncomplete = false
    /// Whether the server told that the session is another: by whatever means, also by a trigger's.
    var reportedStateChange = false
    /// Whether it said in what. Reading `information_schema` reports the schema, which stays the same (MariaDB 10.11).
    var namedChange = false
    /// Whether the server told the collation of the connection.
    var reportedCollation = false
    var reportedPosition = false
    /// A reader refused it as a write: it goes to the primary, and the client does not hear of it.
    var goesToPrimary = false
    /// A server asked for the statement to be prepared anew; the client does not hear of it.
    var preparesAgain = false
    /// Its node refused it for being what it is: it goes to another, and the client does not hear of it.
    var wasRefused = false
    /// It is written down in the journal of its transaction.
    var isJournaled = false
    /// Its transaction was the victim of a deadlock and is repeated.
    var isDeadlocked = false
    /// A reader is asked for what it has of user variables before it runs.
    var asksReader = false
    /// It was asked.
    var readerIsAsked = false
    /// A reader does not have yet what it names: it goes to the primary, and is repeatable there too.
    var lagsBehind = false
    /// Whether the client has its whole answer while a report is awaited.
    var isAnsweredFully = false
    /// A COM_STMT_PREPARE of the proxy's own was sent in front of it.
    var awaitsPrepare = false
    /// It was prepared anew, once.
    var wasPreparedAgain = false
    /// The beginning of its stream is to be changed into what the server understands.
    var headIsDue = false
    /// It took too long, and is being ended.
    var isTimedOut = false
    /// What COM_SET_OPTION says of several statements in one text.
    var multiStatements: Bool?
    /// The status flags of the last result before an error; nil when the error came first.
    var statusBeforeError: StatusFlags?
    /// The status flags of the answer, while a report is awaited.
    var finalStatus: StatusFlags = []
    var warnings: UInt16 = 0
    /// The parts of session tracking that it sets.
    var setsTracking: OwnTracking = []
    var traits: StatementTraits
    /// What few commands have; nil until there is something.
    private var details: CommandDetails?
    /// The prepared statement that it makes or uses.
    var statement: ClientStatement?
    var lastInsertID: UInt64 = 0
    /// Lane nanoseconds at which it came, and at which it was sent.
    var receivedAt: UInt64 = 0
    var sentAt: UInt64 = 0
    /// On the primary: up to here its numbers were taken when it was sent.
    var takenBefore: UInt64 = 0
    /// Lane milliseconds at which it first had to wait; 0 when it never had to. Attempts in between do not reset it.
    var waitingSince: UInt64 = 0
    /// Bit i: entry i failed, and is not asked again.
    var excluded: UInt64 = 0
    var attempts = 0
    /// How often it was the victim of a deadlock.
    var deadlocks = 0
    /// How often its node was lost while it ran there.
    var interruptions = 0
    /// Where its packet says of what types the parameters are.
    var types = StatementExecute.Types.none
    /// Bytes of payload in a streamed command's first frame.
    var firstFrameBytes = 0
    /// How far it is with what its read must have seen.
    var causal = CausalProgress()

    init(
        code: CommandCode, replyKind: ResponseKind, traits: StatementTraits, decision: RoutingDecision,
        purpose: Purpose = .client, replySequence: UInt8 = 1
    ) {
        self.code = code
        self.replyKind = replyKind
        self.traits = traits
        self.decision = decision
        self.purpose = purpose
        self.replySequence = replySequence
    }

    /// The error that the client gets when the bytes of a refused long command have passed.
    var refusal: ProxyError? {
        get { details?.refusal }
        set { if details != nil || newValue != nil { changeDetails { $0.refusal = newValue } } }
    }

    /// What its text says of character sets.
    var characterSetChanges: [CharacterSetChange] {
        get { details?.characterSetChanges ?? [] }
        set { if details != nil || !newValue.isEmpty { changeDetails { $0.characterSetChanges = newValue } } }
    }

    /// What it does to things that have names on one connection.
    var namedChanges: [NamedChange] {
        get { details?.namedChanges ?? [] }
        set { if details != nil || !newValue.isEmpty { changeDetails { $0.namedChanges = newValue } } }
    }

    /// The user variables that it may change; none when there may be any.
    var userVariables: [UserVariableChange] {
        get { details?.userVariables ?? [] }
        set { if details != nil || !newValue.isEmpty { changeDetails { $0.userVariables = newValue } } }
    }

    /// The user variables that were asked for in front of it.
    var askedVariables: [[UInt8]] {
        get { details?.askedVariables ?? [] }
        set { if details != nil || !newValue.isEmpty { changeDetails { $0.askedVariables = newValue } } }
    }

    /// What its text says behind `SET ROLE`, as another connection would have to be told; nil for what none can be.
    var role: [UInt8]? {
        get { details?.role }
        set { if details != nil || newValue != nil { changeDetails { $0.role = newValue } } }
    }

    /// The schema that COM_INIT_DB names.
    var schema: [UInt8] {
        get { details?.schema ?? [] }
        set { if details != nil || !newValue.isEmpty { changeDetails { $0.schema = newValue } } }
    }

    /// Whether it may have any.
    var hasWishes: Bool { details != nil }

    /// What its hints, and the session's bounds, ask for.
    var wishes: CommandWishes {
        get { details?.wishes ?? CommandWishes() }
        set { changeDetails { $0.wishes = newValue } }
    }

    /// What it does with statements prepared by name; nil for nothing.
    var textUse: TextUse? {
        get { details?.textUse }
        set { if details != nil || newValue != nil { changeDetails { $0.textUse = newValue } } }
    }

    /// A command that was copied does not share what is changed in the copy.
    private mutating func changeDetails(_ change: (CommandDetails) -> Void) {
        if details == nil || !isKnownUniquelyReferenced(&details) { details = CommandDetails(details) }
        if let details { change(details) }
    }

    /// It is sent once more, from its beginning: what the reply before said, or was still to say, does not count.
    mutating func beginsAgain() {
        wasSent = false
        wasAnswered = false
        isInterrupted = false
        isDeadlocked = false
        endedInError = false
        endedPlainly = false
        endedUntold = false
        namedChange = false
        changedRows = false
        awaitsReport = false
        reportIsIncomplete = false
        characterSetChanges = []
        namedChanges = []
        userVariables = []
        askedVariables = []
        role = nil
        reportedStateChange = false
        causal.forgetInquiry()
    }

    /// Whether all that it wrote has a known position.
    ///
    /// - Parameter primaryHasPositions: whether the primary numbers what it commits: a statement whose end tells none
    ///   wrote nothing then.
    @inline(__always) func positionIsKnown(primaryHasPositions: Bool) -> Bool {
        // One part after the other: for an expression with closures in it, all of the command is copied.
        if endedUntold { return false }
        if reportedPosition { return true }
        return endReportsPosition ? primaryHasPositions : false
    }

    /// Whether servers may not report everything that it sets.
    var setsWhatNobodyReports: Bool {
        !traits.effects.isDisjoint(with: [.changesCharacterSet, .setsBareSystemVariable, .changesRole])
    }

    /// Whether it is, or may be, several statements.
    var mayHaveSeveralResults: Bool { isUnread || traits.effects.contains(.multiStatement) }

    /// Whether nobody waits for an answer to it, not even for an error.
    var isLongData: Bool { code == .statementSendLongData && statement != nil }
    /// Whether it needs its statement prepared where it runs.
    var usesStatement: Bool { statement != nil && code != .statementPrepare }

    /// Whether the open transaction may be over behind it.
    var mayEndTransaction: Bool { isUnread || traits.mayCommitOpenTransaction }

    /// Whether it is a ROLLBACK and nothing else: of a transaction that is gone already, that is what happened.
    var onlyRollsBack: Bool {
        traits.kind == .rollback && traits.transaction == .rollback && traits.statementCount == 1
    }

    /// Whether it writes, for the node's counters.
    var countsAsWrite: Bool { decision.target != .reader && traits.access != .read }
}

/// What a statement asks of the proxy, in a comment or by what its session set.
struct CommandWishes {
    /// The entry that is to serve a read, and the hint that says so; nil for any.
    var node: Int?
    var route: HintKind?
    /// Whether it was counted what became of that.
    var isRouteCounted = false
    /// How far behind the node may be; nil for as far as the session says.
    var maxLagMilliseconds: UInt64?
    /// How long it may take; nil for as long as the session says, 0 for any time.
    var timeoutMilliseconds: UInt64?
    /// When it is ended, in lane milliseconds, and after how long; nil and 0 for never.
    var endsAtMilliseconds: UInt64?
    var allowedMilliseconds: UInt64 = 0
}

/// What only a few commands have: a USE, a `SET NAMES`, a `SET ROLE`, an `EXECUTE`, a long command that is refused.
private final class CommandDetails {
    var refusal: ProxyError?
    var characterSetChanges: [CharacterSetChange] = []
    var namedChanges: [NamedChange] = []
    var userVariables: [UserVariableChange] = []
    var askedVariables: [[UInt8]] = []
    var role: [UInt8]?
    var schema: [UInt8] = []
    var wishes = CommandWishes()
    var textUse: TextUse?

    init(_ other: CommandDetails?) {
        guard let other else { return }
        refusal = other.refusal
        characterSetChanges = other.characterSetChanges
        namedChanges = other.namedChanges
        userVariables = other.userVariables
        askedVariables = other.askedVariables
        role = other.role
        schema = other.schema
        wishes = other.wishes
        textUse = other.textUse
    }
}

extension StatementTraits {
    /// The traits of a command that carries no SQL.
    static func command(_ access: StatementAccess, kind: StatementKind = .other) -> StatementTraits {
        StatementTraits(kind: kind, access: access, reason: access == .read ? .pureRead : .sessionState)
    }
}
