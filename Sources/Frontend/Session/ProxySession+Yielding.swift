// Connections that an idle session gives back because others wait for one.
//
// A session keeps its connections as long as there are enough, so that it sees the same ones again. When a node's limit
// is reached, those that nothing pins are taken from sessions that idle, the longest idle first.
internal import Backend
internal import Network
internal import Routing
internal import SQL
internal import Topology

extension ProxySession {
    /// The connection to `node` that this session can do without now.
    func connectionToYield(to node: NodeID) -> ServerConnection? {
        guard phase == .idle, !state.isInTransaction else { return nil }
        if let reader = readers.first(where: { $0.entry.id == node }), canYield(reader) { return reader }
        let keeping = SessionPins.lostWithConnection.union([.autocommitOff, .transaction])
        guard let main, main.entry.id == node, canYield(main), state.pins.isDisjoint(with: keeping) else { return nil }
        return main
    }

    private func canYield(_ server: ServerConnection) -> Bool {
        server.isReady && server.isInSync && !prepared.holds(server)
            && !(server === last && state.pins.contains(.diagnostics))
    }

    /// Gives the connection back. What LAST_INSERT_ID() says is asked first: only the server knows for certain.
    func yield(_ server: ServerConnection) {
        guard server === main, state.pins.contains(.lastInsertID) else { return giveBack(server) }
        phase = .yielding
        client.pauseReading()
        // As a result: MariaDB reports changes of this variable in 10.11 and not in 11.8. The limit is the statement's own
        // because the session may have set another, of 0.
        server.ask(Array("SELECT LAST_INSERT_ID() LIMIT 1".utf8))
    }

    /// The server told what was asked for, or refused to.
    func yieldAnswered(_ server: ServerConnection) {
        phase = .idle
        guard let value = server.answeredValue, state.lastInsertIDTold(value) else {
            // Kept: giving it back would lose what it knows.
            return client.resumeReading()
        }
        giveBack(server)
        if cluster.isDraining { return client.end() }
        client.resumeReading()
    }

    private func giveBack(_ server: ServerConnection) {
        if server === last { previousIsGone = true }
        cluster.link.wants.satisfied(server.entry.id, 1)
        drop(server)
    }
}
