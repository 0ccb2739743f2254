// Keeping a record of the open transaction, while it runs.
internal import Backend
internal import Routing
internal import SQL
internal import Topology
internal import Wire

extension ProxySession {
    /// The command at hand is about to be sent: it is written down if a transaction is open, or may be behind it.
    func noteInJournal(_ packets: UnsafeRawBufferPointer, on server: ServerConnection) {
        guard cluster.link.settings.replay, mode != .replica, command.purpose == .client else { return }
        if command.isJournaled { forgetFirstTry() }
        let begins = beginsTransaction
        guard begins || journal != nil else { return }
        switch command.code {
        case .query, .statementExecute, .statementBulkExecute: break
        // These neither change nor show anything of the data.
        case .ping, .statementPrepare, .statementClose, .statementReset, .fieldList, .statistics: return
        default:
            journal?.refuse(.sessionState)
            return
        }
        if begins {
            let next = cluster.takeJournal()
            nextJournal = next
            // Its characteristics went with the connection that they were set on.
            if state.pins.contains(.nextTransaction) { next.refuse(.sessionState) }
            if command.traits.transaction == .commitAndChain || command.traits.transaction == .rollbackAndChain {
                next.refuse(.sessionState)
            }
        }
        guard let written = nextJournal ?? journal, written.refusal == nil else { return }
        // Bound to this connection by long data, by a cursor that it opens, or by a name that it is prepared under there.
        if command.statement?.hold != nil || asksForCursor(packets) || command.textUse?.executed != nil {
            return written.refuse(.sessionState)
        }
        if let refusal = written.refusal(of: command.traits) { return written.refuse(refusal) }
        guard cluster.mayKeepInJournals(packets.count) else { return written.refuse(.tooLarge) }
        let limit = cluster.link.settings.replayLimitBytes
        let kept = TransactionJournal.Command(
            code: command.code, traits: command.traits, decision: command.decision, statement: command.statement)
        if let whole = packetWithTypes(packets) {
            whole.withUnsafeBytes { written.begin(kept, $0, limit: limit) }
        } else {
            written.begin(kept, packets, limit: limit)
        }
        guard written.refusal == nil else { return }
        command.isJournaled = true
        server.watchesReplies = true
    }

    /// The command at hand was sent before, and its answer does not count: it is sent once more.
    private func forgetFirstTry() {
        command.isJournaled = false
        guard let next = nextJournal else {
            journal?.forgetUnanswered()
            return
        }
        nextJournal = nil
        cluster.putBack(next)
    }

    /// Whether an execution opens a cursor: the low bits of its flags.
    /// https://dev.mysql.com/doc/dev/mysql-server/latest/page_protocol_com_stmt_execute.html
    func asksForCursor(_ packets: UnsafeRawBufferPointer) -> Bool {
        let offset = PacketHeader.size + StatementExecute.idOffset + 4
        return command.code == .statementExecute && packets.count > offset && packets[offset] & 7 != 0
    }

    /// A long command passes unread.
    func noteStreamInJournal() {
        nextJournal = nil
        journal?.refuse(.streamed)
    }

    /// Whether a transaction may be open behind the command at hand that was not in front of it.
    private var beginsTransaction: Bool {
        switch command.traits.transaction {
        case .beginReadWrite, .beginReadOnly, .commitAndChain, .rollbackAndChain: true
        default: !state.isInTransaction && state.pins.contains(.autocommitOff)
        }
    }

    /// Whether the command at hand begins the transaction that is open behind it.
    private var beginsByItself: Bool {
        switch command.traits.transaction {
        case .beginReadWrite, .beginReadOnly: !command.endedInError
        default: false
        }
    }

    /// A part of the reply that is neither the end of a result nor about the connection.
    func serverPassed(_ server: ServerConnection, _ bytes: UnsafeRawBufferPointer) {
        activeJournal?.checksum.add(bytes)
    }

    /// A result of it ended.
    func noteEndInJournal(_ event: ResponseEvent, _ payload: UnsafeRawBufferPointer, _ server: ServerConnection) {
        activeJournal?.checksum.addEnd(event, payload, server.negotiated)
    }

    /// The journal that the command at hand is written into, or compared with.
    private var activeJournal: TransactionJournal? {
        if let replay { return replay.journal }
        return command.isJournaled ? nextJournal ?? journal : nil
    }

    /// The command at hand was answered, and `state` says whether a transaction is open.
    func noteAnswerInJournal(_ server: ServerConnection) {
        guard journal != nil || nextJournal != nil, command.purpose != .replay else { return }
        if command.isJournaled { server.watchesReplies = false }
        guard state.isInTransaction else { return forgetJournal() }
        if let next = nextJournal {
            nextJournal = nil
            // An error in it, or a transaction that it did not begin: nobody knows which one is open.
            if command.isJournaled && !(command.endedInError && journal != nil) {
                if let journal { cluster.putBack(journal) }
                journal = next
            } else {
                cluster.putBack(next)
                journal?.refuse(.notComparable)
            }
        }
        // What may have ended a transaction, and one is open: with completion_type=CHAIN, or after an error, another one.
        if command.mayEndTransaction && !beginsByItself { journal?.refuse(.notComparable) }
        guard command.isJournaled, let journal else { return }
        cluster.journalGrew(by: journal.countedBytes - journalBytes)
        journalBytes = journal.countedBytes
        journal.complete()
    }

    /// No transaction is open, or none that can be repeated.
    func forgetJournal() {
        if let journal { cluster.putBack(journal) }
        if let nextJournal { cluster.putBack(nextJournal) }
        journal = nil
        nextJournal = nil
        cluster.journalGrew(by: -journalBytes)
        journalBytes = 0
    }

    /// What is written to tables that no transaction covers stays when the transaction goes: it would be written twice.
    func noteTransactionState(_ text: UnsafeRawBufferPointer) {
        writesTold = WritesTold(text)
        guard text.count > 3, text[3] == UInt8(ascii: "w") else { return }
        nextJournal?.refuse(.notTransactional)
        journal?.refuse(.notTransactional)
    }
}

extension LaneCluster {
    /// An empty journal.
    func takeJournal() -> TransactionJournal { spareJournals.popLast() ?? TransactionJournal() }

    func putBack(_ journal: TransactionJournal) {
        journal.empty(keeping: FrontendLimits.keptJournalBytes)
        if spareJournals.count < FrontendLimits.spareJournals { spareJournals.append(journal) }
    }

    /// Whether the journals of this lane may take so many bytes more.
    func mayKeepInJournals(_ bytes: Int) -> Bool { journalBytes + bytes <= FrontendLimits.journalBytes }

    func journalGrew(by bytes: Int) { journalBytes += bytes }
}
