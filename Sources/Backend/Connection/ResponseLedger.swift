// The replies a server connection owes, in order: which are for the client, and which are the proxy's own.
internal import Wire

/// What becomes of one reply.
enum ReplyUse: UInt8 {
    /// Relayed to the session's client.
    case forward
    /// The proxy's own: sets the session tracker up, carries session state, resets. An error in it ends the connection.
    case swallowState
    /// The proxy's own, behind a statement of the client's that the server does not report: it makes the server report.
    /// An error in it is remembered.
    case swallowReport
    /// The proxy's own, which a server may refuse: it then stays as it is.
    case swallowAttempt
    /// The proxy's own question, whose answer is one value. An error in it is remembered.
    case swallowAnswer
    /// The proxy's own question whether the connection keeps anything of the session that gave it back.
    case swallowPassing
    /// The proxy's own COM_STMT_PREPARE in front of an execution. An error in it is remembered.
    case swallowPrepare
    /// The proxy's own SQL-level PREPARE in front of an execution, and what it needs. An error in it is remembered.
    case swallowText
    /// The proxy's own, at the end of a lease: the connection goes to the pool when it succeeded.
    case swallowReset
}

/// One reply owed.
struct LedgerEntry: Sendable {
    /// How the reply is built.
    let kind: ResponseKind
    /// What becomes of it.
    let use: ReplyUse
    /// The number of the command's last packet, from which the reply goes on; nil when it is not known.
    var lastNumber: UInt8? = 0
}

/// A bounded first-in-first-out list of replies owed. Empty means: the connection is in sync.
struct ResponseLedger: Sendable {
    /// Those owed are at `head..<end`. The storage in front and behind is kept, so that a reply costs no change of its size.
    private var entries: [LedgerEntry] = []
    private var head = 0
    private var end = 0

    init() {}

    var isEmpty: Bool { head == end }
    var count: Int { end - head }
    var first: LedgerEntry? { isEmpty ? nil : entries[head] }

    mutating func append(_ entry: LedgerEntry) {
        precondition(count < BackendLimits.ledgerEntries, "more replies owed than a session can ask for")
        if end < entries.count { entries[end] = entry } else { entries.append(entry) }
        end += 1
    }

    /// The command whose reply comes last ended with this packet.
    mutating func lastCommandEnded(with number: UInt8) {
        guard !isEmpty else { return }
        entries[end - 1].lastNumber = number
    }

    mutating func removeFirst() {
        head += 1
        if head == end {
            head = 0
            end = 0
        }
    }
}
