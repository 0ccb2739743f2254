// What an open transaction did so far, so that it can be done again where the next primary is.
internal import Backend
internal import Routing
internal import SQL
internal import Wire

/// The statements of one transaction, as they were sent, and a checksum of each reply. Bounded in bytes.
///
/// What cannot be compared, or would not be there on another connection, makes the whole transaction one that is not
/// repeated; the reason is kept.
final class TransactionJournal {
    /// What is kept of a command beside its packets.
    struct Command {
        let code: CommandCode
        let traits: StatementTraits
        let decision: RoutingDecision
        /// What it executes, for COM_STMT_EXECUTE.
        let statement: ClientStatement?
    }

    /// One command that was answered.
    struct Entry {
        let command: Command
        /// Its packets in `bytes`, with the types of its parameters.
        let packets: Range<Int>
        /// What it counts for.
        let cost: Int
        fileprivate(set) var reply: ReplyChecksum.Value?
        /// As in `ReplyChecksum`.
        fileprivate(set) var insertID: UInt64 = 0
        fileprivate(set) var insertIDs: UInt64 = 0
        fileprivate(set) var insertIDCount = 0
    }

    /// The reply at hand.
    let checksum = ReplyChecksum()
    private(set) var entries: [Entry] = []
    private var bytes: [UInt8] = []
    /// Why the transaction cannot be repeated; nil while it can.
    private(set) var refusal: ReplayRefusal?
    /// Something in it made a number that LAST_INSERT_ID() tells.
    private(set) var hasInsertID = false

    init() {}

    /// What it takes of memory, about.
    var heldBytes: Int { bytes.capacity + entries.capacity * MemoryLayout<Entry>.stride }
    /// What is counted of it: bytes of statements, of those prepared too, which it keeps, and an entry for each.
    private(set) var countedBytes = 0

    /// It is to be used for another transaction. Storage beyond `kept` bytes is freed.
    func empty(keeping kept: Int) {
        entries.removeAll(keepingCapacity: entries.capacity * MemoryLayout<Entry>.stride <= kept)
        bytes.removeAll(keepingCapacity: bytes.capacity <= kept)
        refusal = nil
        hasInsertID = false
        countedBytes = 0
    }

    /// It cannot be repeated from here on. What it held is of no use any more.
    func refuse(_ reason: ReplayRefusal) {
        guard refusal == nil else { return }
        refusal = reason
        entries = []
        bytes = []
        countedBytes = 0
    }

    /// A command is sent. `limit` bounds the bytes of all of them.
    func begin(_ command: Command, _ packets: UnsafeRawBufferPointer, limit: Int) {
        guard refusal == nil else { return }
        // An answer to the one before it never came: that is no state to go on from.
        if let last = entries.last, last.reply == nil { return refuse(.notComparable) }
        let cost = Self.cost(of: command, packets.count, behind: entries.last?.command.statement)
        guard countedBytes + cost <= limit else { return refuse(.tooLarge) }
        countedBytes += cost
        let start = bytes.count
        bytes.append(contentsOf: packets)
        entries.append(Entry(command: command, packets: start..<bytes.count, cost: cost))
        checksum.begin()
    }

    private static func cost(of command: Command, _ bytes: Int, behind last: ClientStatement?) -> Int {
        let text = command.statement.map { $0 === last ? 0 : $0.text.count } ?? 0
        return bytes + text + MemoryLayout<Entry>.stride
    }

    /// Its reply is complete.
    func complete() {
        guard refusal == nil, let index = entries.indices.last else { return }
        entries[index].reply = checksum.value
        entries[index].insertID = checksum.insertID
        entries[index].insertIDs = checksum.insertIDs
        entries[index].insertIDCount = checksum.insertIDCount
        if checksum.insertIDCount > 0 { hasInsertID = true }
    }

    /// The last command is not a part of it: it is still to be run.
    func forgetUnanswered() {
        guard let last = entries.last, last.reply == nil else { return }
        bytes.removeSubrange(last.packets)
        countedBytes -= last.cost
        entries.removeLast()
    }

    /// The packets of an entry.
    func packets(_ entry: Entry) -> ArraySlice<UInt8> { bytes[entry.packets] }

    /// Whether the reply at hand is the one that the client got, but for the numbers that it made.
    func isSame(as entry: Entry) -> Bool { entry.reply == checksum.value }

    /// Whether those are the same too.
    func hasSameInsertIDs(as entry: Entry) -> Bool {
        entry.insertIDCount == checksum.insertIDCount && entry.insertIDs == checksum.insertIDs
    }
}

extension TransactionJournal {
    /// What leaves something in the session that a new connection would not have, or that nobody knows.
    private static let leavingEffects: StatementEffects = [
        .writesUserVariables, .createsTemporaryTable, .dropsTemporaryTable, .acquiresUserLock, .releasesUserLock,
        .locksTables, .unlocksTables, .flushesWithReadLock, .opensHandler, .closesHandler, .preparesText, .executesText,
        .deallocatesText, .setsSystemVariable, .setsBareSystemVariable, .setsGlobal, .setsUntracked, .changesSchema,
        .changesCharacterSet, .changesSQLLogBin, .callsUnknownFunction, .changesRole, .setsAccessMode,
    ]

    /// What cannot be repeated at all, or whose result says something about the connection and not about the data.
    private static let incomparableEffects: StatementEffects = [
        .selectInto, .kills, .unterminated, .localInfile, .multiStatement, .usesSequence, .readsConnectionID,
        .readsLastSequenceValue, .checksUserLock,
    ]

    /// Why a transaction with this statement in it is not repeated; nil when it can be.
    func refusal(of traits: StatementTraits) -> ReplayRefusal? {
        if !traits.effects.isDisjoint(with: Self.leavingEffects) { return .sessionState }
        if !traits.effects.isDisjoint(with: Self.incomparableEffects) { return .notComparable }
        // What it says may come from before the transaction.
        if traits.effects.contains(.readsLastInsertID) && !hasInsertID { return .sessionState }
        switch traits.kind {
        case .select, .values, .table, .with, .insert, .replace, .update, .delete, .begin, .savepoint,
            .releaseSavepoint, .rollbackToSavepoint, .describe, .explain, .do_, .empty:
            return nil
        // Its end is not a part of it.
        case .commit, .rollback: return nil
        default: return .notComparable
        }
    }
}
