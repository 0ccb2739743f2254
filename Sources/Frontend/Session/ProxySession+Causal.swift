// Reads that must have seen something: on which replica, after which wait, or on the primary; and what they saw.
internal import Backend
internal import Network
internal import Routing
internal import SQL
internal import Topology
internal import Wire

extension ProxySession {
    /// The flavor of the cluster's positions.
    var positionFlavor: PositionFlavor { state.sqlMode.dialect == .mySQL ? .mySQL : .mariaDB }

    /// What is in force for the command at hand.
    private var causalMode: CausalMode {
        mode == .replica ? .none : command.causal.mode ?? causal.settings.mode
    }

    /// What a read must be covered by.
    var causalNeed: CausalNeed {
        switch causalMode {
        case .none: CausalNeed(awaited: causal.awaited)
        case .session: CausalNeed(own: state.position, awaited: causal.awaited)
        case .global: CausalNeed(own: state.position, awaited: causal.awaited, newest: cluster.newest.position)
        }
    }

    /// How long ago what is needed was committed, at least. What others wrote may have been written just now.
    private var needAgeMilliseconds: UInt64 {
        guard causalMode != .global else { return 0 }
        return lane.nowMilliseconds - min(lane.nowMilliseconds, causal.toldAtMilliseconds)
    }

    // MARK: Where a read may run

    /// Replicas on which a read may run at once, however far behind. What is bound to one of them stays there.
    func fitReaders() -> UInt64 {
        guard case .replicas(let set) = causalChoice(mayInquire: false, isBound: true) else { return 0 }
        return set
    }

    /// What becomes of the read at hand.
    ///
    /// - Parameters:
    ///   - full: readers that have no room.
    ///   - isBound: whether it is about what began on a replica already: its lag does not count.
    func causalChoice(mayInquire: Bool, without full: UInt64 = 0, isBound: Bool = false) -> CausalChoice {
        let need = causalNeed
        let isStrict = causalMode != .none
        let lastReader = isStrict ? causal.lastReader : nil
        let candidates = cluster.readers & ~command.excluded & ~full
        let readers = isBound ? candidates : onlyHinted(withinLag(candidates))
        let covering = cluster.known.covering(need, among: readers)
        // In mode `replica` nobody can ask the primary.
        let minds = isStrict || (causal.awaited != nil && mode != .replica)
        let isUnbounded =
            (minds && causal.sawPrimary) || (isStrict && state.wroteWithoutPosition)
            || (causalMode == .global && cluster.newest.isUnbounded(isTold: command.causal.isTold))
        if !isUnbounded, let lastReader, isSightOld, let bound = cluster.known.primary {
            // A position that the primary told after the session's last read covers what was read.
            let bounded = cluster.known.covering(CausalNeed(own: bound), among: covering)
            if bounded != 0 { return .replicas(bounded | covering & (1 << UInt64(lastReader))) }
        }
        let question = CausalQuestion(
            readers: readers, covering: covering, lastReader: lastReader, isUnbounded: isUnbounded,
            mayAsk: mayInquire && !command.causal.hasAsked && !state.isInTransaction
                && (command.readsRows || lastWithRows == nil || lastWithRows !== main),
            mayWait: mayInquire && !command.causal.hasWaited && isShortEnough(need),
            timeoutMilliseconds: causal.settings.timeoutMilliseconds)
        guard mayInquire else { return CausalChoice.choose(question) { _ in .infinity } }
        let age = needAgeMilliseconds
        return CausalChoice.choose(question) { index in
            // A wait that runs no rows of its own would put its own row in the place of those FOUND_ROWS() counts.
            if !self.command.readsRows, self.lastWithRows?.entry.id.index == index { return .infinity }
            return self.cluster.known.expected(index, ageMilliseconds: age, nowMilliseconds: self.lane.nowMilliseconds)
        }
    }

    /// Whether the primary was asked for its position, by a probe, after the session's last read on a replica.
    private var isSightOld: Bool {
        cluster.known.primaryAtMilliseconds
            > causal.readAtMilliseconds + FrontendLimits.positionVisibilityMilliseconds
    }

    /// A position of very many sources is not sent with each wait.
    private func isShortEnough(_ need: CausalNeed) -> Bool {
        ![need.own, need.awaited, need.newest].contains { position in
            guard let position else { return false }
            return position.sourceCount > FrontendLimits.waitedSources
        }
    }

    /// Whether the command at hand may be held back for an answer about positions.
    var mayInquire: Bool {
        mode != .replica && command.purpose == .client && command.decision.target == .reader
            && command.code != .statementPrepare && command.decision.isRepeatable && !command.streams
    }

    // MARK: Asking

    /// What is asked, or to be asked, in front of the command at hand.
    var plannedInquiry: PositionInquiry? { command.causal.isPlanned ? inquiry : nil }

    /// Sends the question that belongs in front of the command. True when the command is to wait for the answer.
    func inquires(on server: ServerConnection, _ packets: UnsafeRawBufferPointer) -> Bool {
        guard let inquiry = plannedInquiry else { return false }
        retain(packets)
        phase = .waiting
        guard !command.causal.isAsked else { return true }
        command.causal.isAsked = true
        // Its row is what FOUND_ROWS() counts there from now on.
        if lastWithRows === server {
            lastWithRows = nil
            foundRowsAreGone = true
        }
        if case .primary = inquiry { cluster.link.counters.causal.primaryAsked() }
        let elapsed = (lane.nowNanoseconds &- command.causal.chosenAt) / 1_000_000
        let timeout = causal.settings.timeoutMilliseconds
        server.ask(inquiry.text(flavor: positionFlavor, timeoutMilliseconds: timeout - min(timeout, elapsed)))
        return true
    }

    /// The command at hand is to be held for an answer, from now on.
    func plan(_ planned: PositionInquiry) {
        inquiry = planned
        command.causal.isPlanned = true
        command.causal.chosenAt = lane.nowNanoseconds
        command.causal.ageMilliseconds = needAgeMilliseconds
        armInquiryDeadline()
    }

    /// A replica that takes no connection, or does not even say that the time is over, must not hold the client.
    func armInquiryDeadline() {
        guard case .wait? = plannedInquiry else { return }
        client.setDeadline(
            milliseconds: command.causal.chosenAt / 1_000_000 + causal.settings.timeoutMilliseconds
                + FrontendLimits.causalGraceMilliseconds)
    }

    /// The connection answered: the command is sent on it, or routed anew.
    func inquiryAnswered(_ server: ServerConnection) {
        guard let inquiry = plannedInquiry else { return sendRetained() }
        command.causal.forgetInquiry()
        armIdleDeadline()
        switch inquiry {
        case .primary(let unknownWrites):
            command.causal.hasAsked = true
            if isCurrentPrimary(server),
                let position = PositionInquiry.position(server.answeredValue, flavor: positionFlavor)
            {
                primaryTold(position, unknownWrites: unknownWrites, epoch: server.epoch)
                command.causal.isTold = true
            }
        case .wait(let position, let index):
            command.causal.hasWaited = true
            let isThere = PositionInquiry.isThere(server.answeredValue)
            noteWait(position, index, isThere: isThere)
            if isThere { return sendRetained() }
            command.excluded |= 1 << UInt64(index)
        }
        current = nil
        phase = .running
        routeRetained()
    }

    private func noteWait(_ position: Position, _ index: Int, isThere: Bool) {
        let now = lane.nowMilliseconds
        let waited = Double(lane.nowNanoseconds &- command.causal.chosenAt) / 1_000_000
        cluster.link.counters.causal.waitEnded(
            nanoseconds: lane.nowNanoseconds &- command.causal.chosenAt, inTime: isThere)
        if isThere {
            cluster.known.arrived(
                index, at: position, ageMilliseconds: command.causal.ageMilliseconds, waited: waited,
                nowMilliseconds: now)
        } else {
            cluster.known.missed(
                index, ageMilliseconds: command.causal.ageMilliseconds, waited: waited, nowMilliseconds: now)
        }
    }

    /// The deadline passed before the replica answered: its connection is given up, and the primary serves.
    func inquiryTimedOut() {
        guard let server = current, case .wait(let position, let index)? = plannedInquiry,
            lane.nowNanoseconds / 1_000_000
                >= command.causal.chosenAt / 1_000_000 + causal.settings.timeoutMilliseconds
        else { return armInquiryDeadline() }
        let wasAsked = command.causal.isAsked
        command.causal.hasWaited = true
        noteWait(position, index, isThere: false)
        command.causal.forgetInquiry()
        command.excluded |= 1 << UInt64(index)
        armIdleDeadline()
        if wasAsked { return server.giveUp("it did not answer in time whether it has a position") }
        // Its connection is still being made: another statement may need it.
        current = nil
        phase = .running
        routeRetained()
    }

    // MARK: What is known of positions

    /// The primary's position covers all that this session wrote and saw.
    private func primaryTold(_ position: Position, unknownWrites: UInt64, epoch: UInt64) {
        let awaited = causal.awaited
        causal.primaryTold(position, nowMilliseconds: lane.nowMilliseconds)
        if let awaited, causal.awaited == nil { noteLost(awaited, position) }
        if let own = state.position, !position.covers(own) { noteLost(own, position) }
        state.positionLearned(position)
        cluster.link.newest.primaryTold(position, covering: unknownWrites, epoch: epoch)
    }

    private func noteLost(_ position: Position, _ primary: Position) {
        cluster.link.counters.causal.positionLost()
        cluster.link.positionLost("\(position)", "\(primary)")
    }

    /// The read at hand goes to the primary for want of a replica that has what it needs.
    func noteFallback() {
        guard mayInquire, cluster.readers != 0 else { return }
        cluster.link.counters.causal.fellBack()
    }

    /// A server told the position of a commit.
    func positionTold(_ text: UnsafeRawBufferPointer, _ flavor: PositionFlavor, _ server: ServerConnection) {
        guard text.count > 0, let position = try? Position.parse(text, flavor: flavor) else { return }
        committed(position, on: server)
    }

    /// The reply at hand says that a commit of this session's has this position. Before its client hears of it, all
    /// others must know.
    private func committed(_ position: Position, on server: ServerConnection) {
        command.reportedPosition = true
        command.resultReportsPosition = true
        guard server === main, mode != .replica else { return state.positionReported(position, coversAll: false) }
        cluster.link.newest.note(position, epoch: server.epoch)
        cluster.link.ledgers.acknowledge(
            position, severalBehind: takesOneNumber ? nil : command.takenBefore, epoch: server.epoch)
        let (whole, coversAll) = cluster.known.completed(position, isSightOpen: causal.sightIsOpen)
        if coversAll { command.endedUntold = false }
        state.positionReported(whole, coversAll: coversAll)
        // What was read in the same text may be younger.
        causal.committed(boundsAll: coversAll && !command.hadRows, nowMilliseconds: lane.nowMilliseconds)
    }

    /// The packet at hand ends a result on the primary, and may keep to itself where it was written: MariaDB 11.8, with 40
    /// sessions that commit, from some moment on leaves out the position of every second commit, of any kind of
    /// statement (10.11 was never seen to).
    func noteSilentWrite(on server: ServerConnection, _ event: ResponseEvent) {
        let isReported = command.resultReportsPosition
        command.resultReportsPosition = false
        guard event == .ok || event == .endOfRows, !isReported, server === main, state.sqlMode.dialect == .mariaDB
        else { return }
        let isOpen = server.replyStatus.contains(.inTransaction)
        guard
            command.changedRows || (state.isInTransaction && !isOpen)
                || state.mayHideCommit(command.traits, event, transactionIsOpen: isOpen),
            !server.entry.serverVersion.hasPrefix("10.")
        else { return }
        command.endedUntold = true
    }

    /// The packet at hand ends a result on the primary. What may have been written without a position is noted before
    /// the client hears of it.
    func noteUnknownWrite(on server: ServerConnection, _ event: ResponseEvent) {
        guard event == .ok || event == .endOfRows || event == .error, server === main, mode != .replica,
            command.decision.target != .reader, command.purpose == .client
        else { return }
        guard event == .error || !isPositionKnown else { return }
        let isOpen = server.replyStatus.contains(.inTransaction)
        guard state.mayCommit(command.traits, failed: event == .error, transactionIsOpen: isOpen) else { return }
        cluster.link.newest.noteUnknownWrite()
        // One statement that changes rows leaves nothing behind when it fails.
        if event == .error && takesOneNumber { return }
        cluster.link.ledgers.becomeIncomplete(epoch: server.epoch)
    }

    /// The command ended: what its client saw.
    func noteSight(_ server: ServerConnection) {
        guard binlogReading == nil, command.purpose == .client, command.hadRows || opensCursor else { return }
        switch command.traits.access {
        case .previous where !command.traits.mentionsTables, .sessionState: return
        case .previous, .read, .transactionControl, .primary: break
        }
        guard mode != .replica, server === main || isCurrentPrimary(server) else {
            let index = server.entry.id.index
            // What was seen where is remembered also while nobody asks for it: the session may ask again. Of two
            // replicas no one has all.
            if causalMode == .none, let former = causal.lastReader, former != index { causal.sightIsUnknown() }
            return causal.readOnReplica(index, nowMilliseconds: lane.nowMilliseconds)
        }
        if !causal.sawPrimaryOnly && seesTables { causal.readOnPrimary() }
    }

    /// Rows that are fetched later are those of the execution.
    private var opensCursor: Bool {
        guard command.code == .statementExecute, !command.endedInError else { return false }
        switch command.traits.kind {
        case .select, .values, .table, .with: return true
        default: return false
        }
    }

    /// Whether the statement may have shown what is in tables. When in doubt it has: it costs a question to the primary.
    private var seesTables: Bool {
        // The kind, and the text that is looked at, are those of an EXECUTE, or of the first of several.
        guard command.textUse == nil, !command.traits.effects.contains(.multiStatement) else { return true }
        switch command.traits.kind {
        case .insert, .replace: return !command.reportedPosition
        case .select where command.traits.effects.isDisjoint(with: .callsUnknownFunction):
            guard shownStatement.count < FrontendLimits.shownStatementBytes else { return true }
            return shownStatement.withUnsafeBytes {
                $0.contains(word: "from", ignoringCase: true) || $0.contains(word: "table", ignoringCase: true)
            }
        default: return true
        }
    }

    /// A new reign began, under a primary that was seen at this position. What it seems not to have may be lost, or its
    /// probe did not tell all: it is asked before the next read.
    func reignBegan(_ primary: Position?) {
        for position in [state.position, causal.awaited] {
            if let position, primary?.covers(position) != true { causal.sightIsUnknown() }
        }
    }
}

extension RunningCommand {
    /// Whether its answer is rows, so that whatever came before it is not asked about any more.
    fileprivate var readsRows: Bool { traits.access == .read }
}
