// From a decision to a connection: which one, whether it may be used, and what happens when there is none.
internal import Backend
internal import Network
internal import Routing
internal import SQL
internal import Topology
internal import Wire

extension ProxySession {
    /// What became of the search for a connection.
    enum Placement {
        case server(ServerConnection)
        /// Nobody can take it now: wait, and say this if it takes too long.
        case wait(WaitReason)
        case refuse(ProxyError)
        /// The open transaction was on a node that is not the primary any more, and is gone.
        case interrupted(node: String)
        /// The session cannot go on.
        case end(ProxyError)
    }

    /// Why a statement waits.
    enum WaitReason: Equatable {
        case noPrimary(String)
        case noReader(String)
        /// The node is well, but has as many connections as it may have.
        case noRoom(NodeID, node: String, ConnectionLimit)
        case noConnection(node: String, reason: String)
    }

    /// Takes up a command whose bytes are `packets`, whole.
    func begin(_ next: RunningCommand, _ packets: UnsafeRawBufferPointer) {
        command = next
        beginCommand(packets)
    }

    /// The same, with the command made in its place already: what comes with every query is not moved there.
    func beginCommand(_ packets: UnsafeRawBufferPointer) {
        command.receivedAt = lane.nowNanoseconds
        idleReplays = 0
        if let lossToTell {
            self.lossToTell = nil
            if command.traits.kind != .rollback { return refuse(lossToTell) }
        }
        endReaderTransactionIfImplied()
        if let refusal = refusalInsideReaderTransaction() { return refuse(refusal) }
        phase = .running
        if command.hasWishes || limits.timeoutMilliseconds > 0 { beginTiming() }
        // A repeatable command is kept until its reply begins, and a USE, whose schema a replica may not have yet.
        // What goes to the primary is kept too: another node may have become that before it is run.
        switch command.decision.target {
        case .main, .transaction: retain(packets)
        case .reader, .previous, .anyAttached:
            if command.decision.isRepeatable || command.traits.kind == .use { retain(packets) }
        }
        if variablesReader != nil && asksReaderFirst(packets) { return }
        route(packets)
    }

    /// What ends a transaction without saying so also ends a read-only one on a replica, and belongs on the primary itself.
    private func endReaderTransactionIfImplied() {
        guard let server = transactionServer, server !== main, mode != .replica, state.isInTransaction else { return }
        switch command.traits.transaction {
        case .beginReadWrite, .beginReadOnly, .implicitCommit, .autocommitOn: break
        default: return
        }
        drop(server)
        state.transactionLost()
        command.decision = Router.decide(command.traits, routingContext)
    }

    /// State made on a replica inside of a read-only transaction would be missing on the primary afterwards.
    private func refusalInsideReaderTransaction() -> ProxyError? {
        guard let server = transactionServer, server !== main, state.isInTransaction else { return nil }
        let stateful: StatementEffects = [
            .writesUserVariables, .createsTemporaryTable, .acquiresUserLock, .opensHandler, .preparesText,
            .executesText,
            .callsUnknownFunction, .multiStatement,
        ]
        let traits = command.traits
        let leavesState = !traits.effects.isDisjoint(with: stateful) || traits.kind == .call
        guard leavesState || traits.transaction == .autocommitOff else { return nil }
        return ProxyError(
            code: 9510, sqlState: "25006",
            message:
                "this statement leaves state in the session, which a read-only transaction on a replica cannot keep: "
                + "begin with START TRANSACTION instead of START TRANSACTION READ ONLY")
    }

    func retain(_ packets: UnsafeRawBufferPointer) {
        guard !command.isRetained, !command.streams else { return }
        request.replace(with: packets)
        command.isRetained = true
    }

    /// Routes the command at hand again, from what was kept of it.
    func routeRetained() {
        // Held by a name of its own for the call, so that no copy is made of it.
        let packets = request
        packets.withUnsafeBytes { route($0) }
    }

    /// Finds a connection and sends, or waits, or refuses.
    func route(_ packets: UnsafeRawBufferPointer) {
        if doubt != nil { return lookIntoDoubt() }
        switch place() {
        case .server(let server):
            leaveWaiting()
            dispatch(to: server, packets)
        case .wait(let reason):
            retain(packets)
            wait(reason)
        case .refuse(let error): refuse(error)
        case .interrupted(let node):
            retain(packets)
            phase = .waiting
            transactionInterrupted(node: node, cause: Self.noPrimaryAnyMore)
        case .end(let error): refuseAndEnd(error)
        }
    }

    /// Sends on a connection that may still be logging in or taking over the session's state.
    private func dispatch(to server: ServerConnection, _ packets: UnsafeRawBufferPointer) {
        current = server
        guard server.isReady else {
            retain(packets)
            phase = .waiting
            return
        }
        guard !server.owesMany else {
            // It answers nothing: not even what was sent before earlier commands, which were given up.
            retain(packets)
            phase = .waiting
            return
        }
        if state.image.schema.isEmpty && server.hasSchema && server !== transactionServer {
            // The session's schema was dropped, and this connection is still in it.
            current = nil
            drop(server)
            return route(packets)
        }
        if !server.knows(state.image.revision) && !mustNotSynchronize(server) {
            _ = server.synchronize(with: state.image, isMain: server === main)
        }
        if clearsDiagnostics {
            clearsDiagnostics = false
            server.clearDiagnostics(state.sqlMode.dialect == .mariaDB)
        }
        if inquires(on: server, packets) { return }
        guard !server.isSynchronizing || command.decision.isRepeatable else {
            // It must not run in the wrong schema or mode: nothing is sent until the server confirmed.
            server.flush()
            retain(packets)
            phase = .waiting
            return
        }
        if let use = command.textUse, !areTextsReady(use, on: server, packets) { return }
        if let statement = command.statement, !isStatementReady(statement, on: server, packets) { return }
        send(packets, on: server)
    }

    private func send(_ packets: UnsafeRawBufferPointer, on server: ServerConnection) {
        if command.streams {
            giveUpOnWhatNobodyReports()
            noteStreamInJournal()
            return startStreaming(on: server)
        }
        phase = .running
        if command.purpose == .replay { prepareReplay(on: server) } else { noteInJournal(packets, on: server) }
        noteSent(to: server)
        askForUserVariables(on: server)
        if command.usesStatement { return sendStatementCommand(packets, on: server) }
        server.send(packets, expecting: command.replyKind)
        // A replica acknowledges what it got while more is sent to it.
        if command.replyKind == .events { client.resumeReading() }
        guard command.code == .query, command.purpose == .client else { return }
        guard let executed = command.textUse?.executed else {
            let text = queryText(ofPacket: packets)
            noteNames(text)
            return askWhatNobodyReports(text, on: server)
        }
        executed.text.withUnsafeBytes {
            noteNames($0, mode: executed.mode)
            askWhatNobodyReports($0, on: server, mode: executed.mode)
        }
    }

    /// Sends the retained command: the connection is ready now.
    func sendRetained() {
        guard let server = current, phase == .waiting else { return }
        if doubt != nil { return lookIntoDoubt() }
        guard !isStaleForWrite(server) else { return routeAnew() }
        // Moved out for the call, so that no copy is made of it.
        let packets = request
        packets.withUnsafeBytes { dispatch(to: server, $0) }
    }

    /// Whether the primary changed while a statement that may write waited for this connection.
    private func isStaleForWrite(_ server: ServerConnection) -> Bool {
        server === main && mode != .replica && !mayRunOnFormerPrimary
            && (!isCurrentPrimary(server) || waitsForPause)
    }

    /// Whether the command at hand must not begin while an admin has paused the cluster.
    private var waitsForPause: Bool {
        guard cluster.table.isPaused, command.purpose == .client else { return false }
        switch command.code {
        case .query, .statementExecute, .statementBulkExecute, .createDB, .dropDB, .refresh:
            return Router.waitsForPause(command.traits, routingContext)
        default: return false
        }
    }

    /// The gate was passed before the statement had to wait for its connection: it is passed again.
    private func routeAnew() {
        current = nil
        phase = .running
        routeRetained()
    }

    /// A new table is in force: a statement that waits for a connection to a former primary does not wait for that.
    func leaveFormerPrimary() {
        guard phase == .waiting, let current, isStaleForWrite(current) else { return }
        routeAnew()
    }

    // MARK: Finding a connection

    private func place() -> Placement {
        command.awaitsPrepare = false
        command.causal.forgetInquiry()
        // It may have been lost while the command waited.
        if command.purpose == .client, let refusal = refusalForWhatIsLost(command.traits) { return .refuse(refusal) }
        if waitsForPause { return .wait(.noPrimary(cluster.table.closure?.reason ?? "")) }
        if command.usesStatement, let placement = placeWhereHeld() { return placement }
        if let placement = placeAtDiagnostics() { return placement }
        switch command.decision.target {
        case .main: return placeOnMain()
        case .reader: return placeOnReader()
        case .transaction: return placeInTransaction()
        case .previous: return placeOnPrevious()
        case .anyAttached:
            // A transaction that the session did not notice would be on the main connection.
            if command.traits.access == .transactionControl, let main, isUsable(main) { return .server(main) }
            if let last, isUsable(last) { return .server(last) }
            if let main, isUsable(main) { return .server(main) }
            if let reader = readers.first(where: isUsable) { return .server(reader) }
            return mode == .split ? placeOnReader() : placeOnMain()
        }
    }

    /// Where the statement ran that this one asks about.
    private func placeOnPrevious() -> Placement {
        let effects = command.traits.effects
        if asksAndChanges(command.traits) {
            clearsDiagnostics = diagnosticsServer == nil
            return placeOnMain()
        }
        // What a connection knows of the statement before it knows whatever else its node serves by now.
        if effects.contains(.readsFoundRows) {
            if let lastWithRows { return placeAsked(lastWithRows) }
            if foundRowsAreGone { return .refuse(.previousGone) }
        }
        if effects.contains(.readsRowCount), let last { return placeAsked(last) }
        if command.traits.kind == .getDiagnostics {
            if let server = diagnosticsServer ?? last { return placeAsked(server) }
            if diagnosticsAreGone { return .refuse(.previousGone) }
            clearsDiagnostics = true
        }
        if let last, isUsable(last) { return placeAsked(last) }
        guard previousIsGone, effects.contains(.readsRowCount) else {
            return mode == .split ? placeOnReader() : placeOnMain()
        }
        return .refuse(.previousGone)
    }

    /// Whether a statement that needs no particular node may use this connection.
    private func isUsable(_ server: ServerConnection) -> Bool {
        if server === main { return mode == .replica || isCurrentPrimary(server) }
        return cluster.table.acceptsReads(server.entry.id)
    }

    /// Whether a write may be sent on it: the epoch check of the writer gate.
    func isCurrentPrimary(_ server: ServerConnection) -> Bool {
        cluster.table.isOpen(server.epoch, server.entry.id)
    }

    private func placeInTransaction() -> Placement {
        guard let server = transactionServer else { return placeOnMain() }
        guard server === main, mode != .replica, !isCurrentPrimary(server), !mayRunOnFormerPrimary else {
            return .server(server)
        }
        // The same node may open again, in the same reign.
        guard cluster.table.gate.isOpen else { return .wait(.noPrimary(gateReason)) }
        let lost = state.pins.intersection(.lostWithConnection)
        forget(server)
        server.close()
        guard lost.isEmpty else {
            return .end(
                .sessionLost(node: server.entry.name, cause: Self.noPrimaryAnyMore, state: lost.names))
        }
        return .interrupted(node: server.entry.name)
    }

    /// Reads and the end of a transaction do no harm on a former primary.
    var mayRunOnFormerPrimary: Bool {
        command.traits.access == .read || command.traits.access == .previous
            || (command.traits.kind == .rollback && command.traits.statementCount == 1 && !command.isUnread)
            || command.code == .statementFetch || command.code == .statementReset
    }

    func placeOnMain() -> Placement {
        if let binlogReading { return placeOnBinlogNode(binlogReading) }
        if mode == .replica { return placeOnSessionReplica() }
        if isRefusalFresh { return .wait(.noPrimary("the primary is read-only by now")) }
        if command.purpose != .replay && cluster.replaysGoFirst {
            return .wait(.noPrimary("interrupted transactions are repeated first"))
        }
        if let main {
            if isCurrentPrimary(main) { return .server(main) }
            let lost = state.pins.intersection(.lostWithConnection)
            if !lost.isEmpty {
                if mayRunOnFormerPrimary { return .server(main) }
                guard cluster.table.gate.isOpen else { return .wait(.noPrimary(gateReason)) }
                return .end(
                    .sessionLost(
                        node: main.entry.name, cause: Self.noPrimaryAnyMore, state: lost.names))
            }
            // Nobody else knows.
            let asksForID = command.traits.effects.contains(.readsLastInsertID) && state.pins.contains(.lastInsertID)
            if asksForID && command.traits.access == .read && main.isReady { return .server(main) }
            if !cluster.table.gate.isOpen { return .wait(.noPrimary(gateReason)) }
            drop(main)
            if asksForID, let refusal = refusalForWhatIsLost(command.traits) { return .refuse(refusal) }
        }
        guard case .open(let epoch, _) = cluster.table.gate, let primary = cluster.table.primary else {
            return .wait(.noPrimary(gateReason))
        }
        switch acquire(primary, epoch: epoch, isReadOnly: false) {
        case .connection(let server):
            main = server
            return .server(server)
        case .limitReached(let limit): return .wait(.noRoom(primary.id, node: primary.name, limit))
        case .failed(let reason): return .wait(.noConnection(node: primary.name, reason: reason))
        }
    }

    func acquire(_ entry: RoutingEntry, epoch: UInt64, isReadOnly: Bool) -> Acquisition {
        if let limit = cluster.limitAhead(of: self, at: entry) { return .limitReached(limit) }
        return cluster.pool.acquire(
            entry, epoch: epoch, account: account, traits: traits, isReadOnly: isReadOnly,
            hasSchema: !state.image.schema.isEmpty, wanted: state.image, mayEvict: cluster.mayEvict(for: self),
            for: self)
    }

    var gateReason: String {
        cluster.table.closure?.reason ?? "the primary cannot be reached"
    }

    /// In mode `replica` everything of a session runs on one replica.
    private func placeOnSessionReplica() -> Placement {
        if let main {
            let lost = state.pins.intersection(.lostWithConnection)
            let isFit = cluster.table.acceptsReads(main.entry.id) && isWithinLag(main) && hasWhatIsAwaited(main)
            if isFit || !lost.isEmpty || prepared.holds(main) { return .server(main) }
            drop(main)
        }
        let placement = placeOnReader()
        guard case .server(let server) = placement else { return placement }
        readers.removeAll { $0 === server }
        main = server
        return placement
    }

    private func hasWhatIsAwaited(_ replica: ServerConnection) -> Bool {
        guard causal.awaited != nil else { return true }
        let index = replica.entry.id.index
        return index < Balancer.nodesMaximum && fitReaders() & (1 << UInt64(index)) != 0
    }

    // MARK: Reads

    /// Readers that have as many connections as they may have, and what it is waited for when nobody else serves.
    private struct FullReaders {
        var set: UInt64 = 0
        var wait: WaitReason?
    }

    private func placeOnReader() -> Placement {
        var full = FullReaders()
        // Each round serves, or sets one more reader aside.
        while true {
            switch causalChoice(mayInquire: mayInquire, without: full.set) {
            case .replicas(let candidates):
                guard
                    let index = cluster.chooseReader(countHinted(candidates), attached: attachedReaders)
                else { return placeReadOnPrimary(orWait: full.wait) }
                if let server = reader(index, &full) { return .server(server) }
            case .wait(let index):
                guard let position = causalNeed.merged else {
                    command.excluded |= 1 << UInt64(index)
                    continue
                }
                guard let server = reader(index, &full) else { continue }
                plan(.wait(position, index: index))
                return .server(server)
            case .ask:
                let unknownWrites = cluster.link.newest.current.unknownWrites
                let placement = placeReadOnPrimary(orWait: full.wait)
                if case .server(let server) = placement, server === main, isCurrentPrimary(server) {
                    plan(.primary(unknownWrites: unknownWrites))
                }
                return placement
            case .primary:
                if giveUpHintedNode() { continue }
                noteFallback()
                return placeReadOnPrimary(orWait: full.wait)
            }
        }
    }

    /// The session's connection to this reader. When there is none to be had: another reader first, then the primary.
    private func reader(_ index: Int, _ full: inout FullReaders) -> ServerConnection? {
        for place in readers.indices where readers[place].entry.id.index == index { return readers[place] }
        let entry = cluster.table.entries[index]
        switch acquire(entry, epoch: cluster.table.epoch, isReadOnly: mode != .replica) {
        case .connection(let server):
            readers.append(server)
            return server
        case .limitReached(let limit):
            if full.wait == nil { full.wait = .noRoom(entry.id, node: entry.name, limit) }
            full.set |= 1 << UInt64(index)
        case .failed: command.excluded |= 1 << UInt64(index)
        }
        return nil
    }

    /// No replica fits: the primary reads too, unless it is the one that failed.
    ///
    /// - Parameter wait: a replica that fits has no room. When the primary has none either, it is waited for the replica:
    ///   the primary's next connection belongs to those who can go nowhere else.
    private func placeReadOnPrimary(orWait wait: WaitReason?) -> Placement {
        if mode == .replica { return waitForReader(or: wait) }
        guard let primary = cluster.table.primary else {
            // The gate is closed. The main connection may still read what this session wrote, unless there was
            // another primary since.
            if let main, main.isReady, main.epoch == cluster.table.epoch, command.traits.access == .read {
                return .server(main)
            }
            return waitForReader(or: wait)
        }
        guard primary.id.index >= Balancer.nodesMaximum || command.excluded & (1 << UInt64(primary.id.index)) == 0
        else {
            return waitForReader(or: wait)
        }
        if let main, command.decision.target == .reader, !isCurrentPrimary(main),
            !state.pins.isDisjoint(with: .lostWithConnection)
        {
            return placeBesideMain(primary.id.index, orWait: wait)
        }
        let placement = placeOnMain()
        if case .wait(.noRoom) = placement, let wait { return .wait(wait) }
        return placement
    }

    /// What the session has on the main connection binds it to a former primary. A read that needs nothing of that has a
    /// connection of its own to the present one: the former does not get what is written any more.
    private func placeBesideMain(_ primary: Int, orWait wait: WaitReason?) -> Placement {
        var full = FullReaders()
        if let server = reader(primary, &full) { return .server(server) }
        return waitForReader(or: wait ?? full.wait)
    }

    /// - Parameter wait: what it is waited for instead, where something is known.
    private func waitForReader(or wait: WaitReason?) -> Placement {
        if let wait { return .wait(wait) }
        var reasons = cluster.table.entries.prefix(4).map { "\($0.name) \($0.state.rawValue): \($0.reason)" }
        if let limit = lagLimit { reasons.append("no replica may be more than \(limit) ms behind (max_lag)") }
        // A node that failed may be the only one: it is asked again after the wait.
        command.excluded = 0
        return .wait(.noReader(reasons.joined(separator: "; ")))
    }
}
