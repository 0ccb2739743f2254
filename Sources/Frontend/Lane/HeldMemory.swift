// What the sessions and server connections of a lane hold in memory, as far as counting it costs a query nothing.
internal import Backend
internal import SQL

/// Bytes by what they are for: of one cluster on one lane, or on all together. Objects of a fixed size do not count, nor
/// does what libraries hold for a connection: the process's resident memory has those too.
package struct HeldMemory: Sendable, Equatable {
    /// Of clients that are logged in: what they have not taken yet, commands that are not whole yet, and the storage that
    /// sessions keep for the next one.
    package var clientBuffers = 0
    /// Of server connections: what servers have not taken yet, and replies that are not whole yet.
    package var serverBuffers = 0
    /// Texts of prepared statements, and what connections know of those prepared on them.
    package var preparedStatements = 0
    /// Values that sessions have set: schemas, system variables, user variables.
    package var sessionStates = 0
    /// What statements were found to be, by shape.
    package var classifications = 0
    /// Statements of open transactions, kept to repeat them.
    package var journals = 0
    /// The table of digests.
    package var digests = 0

    /// Nothing.
    package init() {}

    /// By name.
    package var all: [(name: String, bytes: Int)] {
        [
            ("client_buffers", clientBuffers), ("server_buffers", serverBuffers),
            ("prepared_statements", preparedStatements), ("session_states", sessionStates),
            ("classifications", classifications), ("journals", journals), ("digests", digests),
        ]
    }

    /// Adds what another lane holds.
    package mutating func add(_ other: HeldMemory) {
        clientBuffers += other.clientBuffers
        serverBuffers += other.serverBuffers
        preparedStatements += other.preparedStatements
        sessionStates += other.sessionStates
        classifications += other.classifications
        journals += other.journals
        digests += other.digests
    }
}

extension LaneCluster {
    /// Counted when somebody asks, by a walk over all that lives here: a few additions for each session.
    func heldMemory() -> HeldMemory {
        var held = HeldMemory()
        for session in allSessions { session.addHeldMemory(to: &held) }
        for server in pool.connections {
            held.serverBuffers += server.bufferBytes
            held.preparedStatements += server.statementBytes
        }
        held.classifications = classifications.heldBytes
        held.journals = spareJournals.reduce(0) { $0 + $1.heldBytes }
        held.digests = digests.heldBytes
        return held
    }
}

extension ProxySession {
    fileprivate func addHeldMemory(to held: inout HeldMemory) {
        held.journals += (journal?.heldBytes ?? 0) + (nextJournal?.heldBytes ?? 0) + (replay?.request.count ?? 0)
        held.clientBuffers += client.bufferBytes + request.heldBytes + shownStatement.heldBytes + ownReply.capacity
        held.preparedStatements += prepared.textBytes + texts.textBytes
        held.sessionStates += state.image.heldBytes
    }
}
