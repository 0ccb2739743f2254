// Connections that an idle session gives back because others wait for one.
//
// A session keeps its connections as long as there are enough, so that it sees the same ones again. When a node's limit
// is reached, those that nothing pins are taken from sessions that idle, the longest idle first.
internal import Backend
internal import Network
internal import Routing
internal import SQL
internal import Topology
internal import Wire

extension ProxySession {
    /// The connection to `node`, or to any, that this session can do without now.
    func connectionToYield(to node: NodeID, orAny isAnyNode: Bool = false) -> ServerConnection? {
        // Who waits for one connection does not keep others from those who wait for them.
        guard phase == .idle || (phase == .waiting && command.isWaiting), !state.isInTransaction else { return nil }
        if let reader = readers.first(where: { isAnyNode || $0.entry.id == node }), canYield(reader) { return reader }
        guard phase == .idle else { return nil }
        let keeping = pinsThatNobodyTells.union([.autocommitOff, .transaction])
        guard let main, isAnyNode || main.entry.id == node, canYield(main), state.pins.isDisjoint(with: keeping) else {
            return nil
        }
        return main
    }

    /// What would be lost with the main connection. User variables are asked for first, where that is all that it takes.
    var pinsThatNobodyTells: SessionPins {
        state.variablesToAsk.isEmpty
            ? .lostWithConnection : SessionPins.lostWithConnection.subtracting(.userVariables)
    }

    private func canYield(_ server: ServerConnection) -> Bool {
        // Nobody else has what a reader set.
        variablesReader == nil && server.isReady && server.isInSync && !prepared.holds(server)
            && !keepsDiagnostics(of: server)
    }

    /// Gives the connection back. What LAST_INSERT_ID() and user variables say is asked first: only the server knows for
    /// certain.
    func yield(_ server: ServerConnection) {
        let names = server === main ? state.variablesToAsk : []
        guard server === main, state.pins.contains(.lastInsertID) || !names.isEmpty else { return giveBack(server) }
        phase = .yielding
        client.pauseReading()
        command.askedVariables = names
        guard names.isEmpty else { return server.ask(UserVariableQuestion.text(names, withLastInsertID: true)) }
        // As a result: MariaDB reports changes of this variable in 10.11 and not in 11.8. The limit is the statement's own
        // because the session may have set another, of 0.
        if server.mayPass { return server.askForPassing() }
        server.ask(Array("SELECT LAST_INSERT_ID() LIMIT 1".utf8))
    }

    /// The server told what was asked for, or refused to.
    func yieldAnswered(_ server: ServerConnection) {
        phase = .idle
        let wasAsked = command.askedVariables.isEmpty && server.mayPass
        guard isTold(server) else {
            // Kept: giving it back would lose what it knows.
            answersSpoiled(on: server)
            return yieldingEnded()
        }
        giveBack(server, wasAsked: wasAsked)
        yieldingEnded()
    }

    /// The question is answered, or its connection is gone. Meanwhile the session may have been told to end.
    func yieldingEnded() {
        if endsAfterCommand || cluster.endsIdle(self) { return client.end() }
        takeCommands()
    }

    private func isTold(_ server: ServerConnection) -> Bool {
        let names = command.askedVariables
        command.askedVariables = []
        guard !names.isEmpty else {
            let value = server.mayPass ? server.lastInsertIDInPassing : server.answeredValue
            return value.map { state.lastInsertIDTold($0) } ?? false
        }
        guard let row = server.answeredRow, let variables = UserVariableQuestion.variables(names, row, from: 1) else {
            state.userVariablesUntellable()
            return false
        }
        state.userVariablesTold(variables)
        if state.pins.contains(.lastInsertID) {
            guard let value = row.values[0], state.lastInsertIDTold(value) else { return false }
        }
        return !state.pins.contains(.userVariables)
    }

    func giveBack(_ server: ServerConnection, wasAsked: Bool = false) {
        if hasDiagnostics(server) { keptDiagnostics.gaveBack() }
        forget(server)
        server.release(wasAsked: wasAsked)
    }
}
