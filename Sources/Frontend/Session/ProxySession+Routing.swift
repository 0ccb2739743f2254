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
        /// The session cannot go on.
        case end(ProxyError)
    }

    /// Why a statement waits.
    enum WaitReason: Equatable {
        case noPrimary(String)
        case noReader(String)
        case noConnection(node: String, reason: String)
    }

    /// Takes up a command whose bytes are `packets`, whole.
    func begin(_ next: RunningCommand, _ packets: UnsafeRawBufferPointer) {
        command = next
        command.receivedAt = lane.nowNanoseconds
        endReaderTransactionIfImplied()
        if let refusal = refusalInsideReaderTransaction() { return refuse(refusal) }
        phase = .running
        // A repeatable command is kept until its reply begins, and a USE, whose schema a replica may not have yet; others
        // only while they wait.
        if command.decision.isRepeatable || command.traits.kind == .use { retain(packets) }
        route(packets)
    }

    /// What ends a transaction without saying so also ends a read-only one on a replica, and belongs on the primary itself.
    private func endReaderTransactionIfImplied() {
        guard let server = transactionServer, server !== main, mode == .split, state.isInTransaction else { return }
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
        request.removeAll(keepingCapacity: true)
        request.append(contentsOf: packets)
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
        switch place() {
        case .server(let server):
            leaveWaiting()
            dispatch(to: server, packets)
        case .wait(let reason):
            retain(packets)
            wait(reason)
        case .refuse(let error): refuse(error)
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
        _ = server.synchronize(with: state.image, isMain: server === main)
        if clearsDiagnostics {
            clearsDiagnostics = false
            server.clearDiagnostics()
        }
        guard !server.isSynchronizing || command.decision.isRepeatable else {
            // It must not run in the wrong schema or mode: nothing is sent until the server confirmed.
            server.flush()
            retain(packets)
            phase = .waiting
            return
        }
        if let statement = command.statement, !isStatementReady(statement, on: server, packets) { return }
        send(packets, on: server)
    }

    private func send(_ packets: UnsafeRawBufferPointer, on server: ServerConnection) {
        if command.streams {
            giveUpOnWhatNobodyReports()
            return startStreaming(on: server)
        }
        phase = .running
        noteSent(to: server)
        if command.usesStatement { return sendStatementCommand(packets, on: server) }
        server.send(packets, expecting: command.replyKind)
        // A replica acknowledges what it got while more is sent to it.
        if command.replyKind == .events { client.resumeReading() }
        guard command.code == .query, command.purpose == .client else { return }
        askWhatNobodyReports(queryText(ofPacket: packets), on: server)
    }

    /// Sends the retained command: the connection is ready now.
    func sendRetained() {
        guard let server = current, phase == .waiting else { return }
        guard !isStaleForWrite(server) else { return routeAnew() }
        // Moved out for the call, so that no copy is made of it.
        let packets = request
        packets.withUnsafeBytes { dispatch(to: server, $0) }
    }

    /// Whether the primary changed while a statement that may write waited for this connection.
    private func isStaleForWrite(_ server: ServerConnection) -> Bool {
        server === main && mode != .replica && !isCurrentPrimary(server) && !mayRunOnFormerPrimary
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
        if command.usesStatement, let placement = placeWhereHeld() { return placement }
        switch command.decision.target {
        case .main: return placeOnMain()
        case .reader: return placeOnReader()
        case .transaction: return placeInTransaction()
        case .previous: return placeOnPrevious()
        case .anyAttached:
            if let last, isUsable(last) { return .server(last) }
            if let main, isUsable(main) { return .server(main) }
            if let reader = readers.first(where: isUsable) { return .server(reader) }
            return mode == .split ? placeOnReader() : placeOnMain()
        }
    }

    /// Where the statement ran that this one asks about.
    private func placeOnPrevious() -> Placement {
        let effects = command.traits.effects
        if effects.contains(.readsFoundRows) {
            if let lastWithRows, isUsable(lastWithRows) { return .server(lastWithRows) }
            if foundRowsAreGone { return .refuse(.previousGone) }
        }
        if let last, isUsable(last) { return .server(last) }
        guard previousIsGone, effects.contains(.readsRowCount) else {
            // There were no warnings, or the connection would have been kept. One that ran something else before may
            // still hold those of that.
            clearsDiagnostics = true
            return placeOnReader()
        }
        return .refuse(.previousGone)
    }

    /// Whether a statement that needs no particular node may use this connection.
    private func isUsable(_ server: ServerConnection) -> Bool {
        if server === main { return mode == .replica || isCurrentPrimary(server) }
        return cluster.table.entry(server.entry.id)?.acceptsReads ?? false
    }

    /// Whether a write may be sent on it: the epoch check of the writer gate.
    func isCurrentPrimary(_ server: ServerConnection) -> Bool {
        guard case .open(let epoch, let primary) = cluster.table.gate else { return false }
        return server.epoch == epoch && server.entry.id == primary
    }

    private func placeInTransaction() -> Placement {
        guard let server = transactionServer else { return placeOnMain() }
        guard server === main, mode != .replica, !isCurrentPrimary(server), !mayRunOnFormerPrimary else {
            return .server(server)
        }
        forget(server)
        server.close()
        return .refuse(.transactionLost(node: server.entry.name, cause: "it is not the primary any more"))
    }

    /// Reads and the end of a transaction do no harm on a former primary.
    var mayRunOnFormerPrimary: Bool {
        command.traits.access == .read || command.traits.access == .previous || command.traits.kind == .rollback
            || command.code == .statementFetch || command.code == .statementReset
    }

    private func placeOnMain() -> Placement {
        if let binlogReading { return placeOnBinlogNode(binlogReading) }
        if mode == .replica { return placeOnSessionReplica() }
        if let main {
            if isCurrentPrimary(main) { return .server(main) }
            let lost = state.pins.intersection(.lostWithConnection)
            if !lost.isEmpty {
                if mayRunOnFormerPrimary { return .server(main) }
                guard cluster.table.gate.isOpen else { return .wait(.noPrimary(gateReason)) }
                return .end(
                    .sessionLost(
                        node: main.entry.name, cause: "it is not the primary any more", state: lost.names))
            }
            drop(main)
        }
        guard case .open(let epoch, _) = cluster.table.gate, let primary = cluster.table.primary else {
            return .wait(.noPrimary(gateReason))
        }
        switch acquire(primary, epoch: epoch, isReadOnly: false) {
        case .connection(let server):
            main = server
            return .server(server)
        case .limitReached:
            cluster.want(primary.id)
            return .wait(.noConnection(node: primary.name, reason: limitReason))
        case .failed(let reason): return .wait(.noConnection(node: primary.name, reason: reason))
        }
    }

    func acquire(_ entry: RoutingEntry, epoch: UInt64, isReadOnly: Bool) -> Acquisition {
        cluster.pool.acquire(
            entry, epoch: epoch, account: account, traits: traits, isReadOnly: isReadOnly,
            hasSchema: !state.image.schema.isEmpty, for: self)
    }

    var gateReason: String {
        if case .closed(let reason, _) = cluster.table.gate { return reason }
        return "the primary cannot be reached"
    }

    private var limitReason: String {
        "all \(cluster.link.poolSettings.connectionsPerNode) connections are in use (limits.server_connections_per_node)"
    }

    /// In mode `replica` everything of a session runs on one replica.
    private func placeOnSessionReplica() -> Placement {
        if let main {
            let lost = state.pins.intersection(.lostWithConnection)
            if (cluster.table.entry(main.entry.id)?.acceptsReads ?? false) || !lost.isEmpty { return .server(main) }
            drop(main)
        }
        let placement = placeOnReader()
        guard case .server(let server) = placement else { return placement }
        readers.removeAll { $0 === server }
        main = server
        return placement
    }

    // MARK: Reads

    private func placeOnReader() -> Placement {
        let candidates = fitReaders() & ~command.excluded
        guard
            let index = Balancer.choose(
                cluster.table, candidates: candidates, attached: attachedReaders, random: &cluster.random,
                nowNanoseconds: lane.nowNanoseconds)
        else { return placeReadOnPrimary() }
        let entry = cluster.table.entries[index]
        if let attached = readers.first(where: { $0.entry.id == entry.id }) { return .server(attached) }
        let acquisition = acquire(entry, epoch: cluster.table.epoch, isReadOnly: mode == .split)
        switch acquisition {
        case .connection(let server):
            readers.append(server)
            return .server(server)
        case .limitReached, .failed:
            if case .limitReached = acquisition { cluster.want(entry.id) }
            // Another reader first, then the primary.
            command.excluded |= 1 << UInt64(index)
            return placeOnReader()
        }
    }

    /// Readers that know everything this session wrote. When nobody can tell, none is.
    func fitReaders() -> UInt64 {
        if state.wroteWithoutPosition { return 0 }
        return cluster.readers(covering: state.position)
    }

    private var attachedReaders: UInt64 {
        var set: UInt64 = 0
        for reader in readers where reader.entry.id.index < Balancer.nodesMaximum {
            set |= 1 << UInt64(reader.entry.id.index)
        }
        return set
    }

    /// No replica fits: the primary reads too, unless it is the one that failed.
    private func placeReadOnPrimary() -> Placement {
        if mode == .replica { return waitForReader() }
        guard let primary = cluster.table.primary else {
            // The gate is closed. A pinned or former main connection may still read what this session wrote.
            if let main, main.isReady, command.traits.access == .read { return .server(main) }
            return waitForReader()
        }
        guard primary.id.index >= Balancer.nodesMaximum || command.excluded & (1 << UInt64(primary.id.index)) == 0
        else {
            return waitForReader()
        }
        return placeOnMain()
    }

    private func waitForReader() -> Placement {
        let reasons = cluster.table.entries.prefix(4).map { "\($0.name) \($0.state.rawValue): \($0.reason)" }
        // A node that failed may be the only one: it is asked again after the wait.
        command.excluded = 0
        return .wait(.noReader(reasons.joined(separator: "; ")))
    }
}
