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
        server.report(Array("SET SESSION last_insert_id=@@session.last_insert_id".utf8))
    }

    /// The server told what was asked for, or refused to.
    func yieldAnswered(_ server: ServerConnection) {
        phase = .idle
        if server.didReportFail {
            // Kept: giving it back would lose what it knows.
            return client.resumeReading()
        }
        state.lastInsertIDCarried()
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
