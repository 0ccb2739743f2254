// What the console shows of a lane: plain copies, taken on the lane.
internal import Backend
internal import Network
internal import Routing
internal import Topology
internal import Wire

/// One session as it was when asked.
package struct SessionSnapshot: Sendable {
    /// The connection id the client sees.
    package let id: UInt32
    package let cluster: String
    package let lane: Int
    package let user: String
    package let peer: String
    /// The default schema; empty for none.
    package let schema: String
    package let mode: String
    /// `idle`, `waiting`, `running`, `streaming`, `receiving_file`, `yielding`, `asking` or `ended`.
    package let phase: String
    package let isInTransaction: Bool
    /// The node the command at hand runs on, or the last one ran on; empty for none.
    package let node: String
    /// Reasons that hold the session to its connection.
    package let pins: [PinSnapshot]
    /// Server connections the session holds.
    package let serverConnections: Int
    /// Statements answered.
    package let statements: Int
    /// Milliseconds since the last command ended, or since the present one came.
    package let sinceMilliseconds: UInt64
    /// Milliseconds since the client was accepted.
    package let ageMilliseconds: UInt64
    /// What its reads must have seen: `none`, `session` or `global`.
    package var causalMode = "session"
    /// The position of what it wrote and saw, as far as it is known; empty for none.
    package var position = ""
    /// The beginning of the present or last statement.
    package let statement: String
}

/// One server connection as it was when asked.
package struct ConnectionSnapshot: Sendable {
    package let cluster: String
    package let lane: Int
    package let node: String
    package let user: String
    /// `connecting`, `leased`, `resetting` or `idle`.
    package let state: String
    /// The client connection id of the session that has it; nil for none.
    package let sessionID: UInt32?
    /// The cluster's epoch when it was leased.
    package let epoch: UInt64
    package let ageMilliseconds: UInt64
}

/// Those who wait on one lane for a connection to one node.
package struct WaitingSnapshot: Sendable {
    package let cluster: String
    package let lane: Int
    package let node: String
    /// Statements in the queue.
    package let waiting: Int
    /// How long the first of them has waited.
    package let longestMilliseconds: UInt64

    /// A queue by its parts.
    package init(cluster: String, lane: Int, node: String, waiting: Int, longestMilliseconds: UInt64) {
        self.cluster = cluster
        self.lane = lane
        self.node = node
        self.waiting = waiting
        self.longestMilliseconds = longestMilliseconds
    }
}

/// Everything of one lane.
package struct LaneSnapshot: Sendable {
    package let sessions: [SessionSnapshot]
    package let connections: [ConnectionSnapshot]
    /// Idle pooled connections, by cluster.
    package let idleConnections: [String: Int]
    /// Queues for connections.
    package var waiting: [WaitingSnapshot] = []
}

extension LaneCluster {
    /// A copy of what lives here. On the lane.
    package func snapshot() -> LaneSnapshot {
        let now = lane.nowMilliseconds
        var owners: [ObjectIdentifier: UInt32] = [:]
        let sessions = allSessions.map { session in
            for server in session.readers + (session.main.map { [$0] } ?? []) {
                owners[ObjectIdentifier(server)] = session.client.id
            }
            return session.snapshot(now)
        }
        let connections = pool.connections.map { server in
            let owner = owners[ObjectIdentifier(server)]
            return ConnectionSnapshot(
                cluster: link.name, lane: lane.number, node: server.entry.name, user: server.accountName,
                state: server.stateName(isLeased: owner != nil), sessionID: owner, epoch: server.epoch,
                ageMilliseconds: now - min(now, server.openedAtMilliseconds))
        }
        var snapshot = LaneSnapshot(
            sessions: sessions, connections: connections, idleConnections: [link.name: pool.idleConnections])
        snapshot.waiting = queue.nodes.map { node in
            WaitingSnapshot(
                cluster: link.name, lane: lane.number, node: table.entry(node)?.name ?? "",
                waiting: queue.count(at: node),
                longestMilliseconds: now - min(now, queue.first(at: node)?.since ?? now))
        }
        return snapshot
    }

    /// Ends the session with this connection id; false when it is not here. On the lane.
    package func endSession(_ id: UInt32) -> Bool {
        guard let session = session(id) else { return false }
        session.endNow()
        return true
    }
}

extension ProxySession {
    fileprivate func snapshot(_ now: UInt64) -> SessionSnapshot {
        let isAtWork = phase != .idle && phase != .ended
        let since = isAtWork ? command.receivedAt / 1_000_000 : lastActiveMilliseconds
        return SessionSnapshot(
            id: client.id, cluster: cluster.link.name, lane: lane.number, user: identity.user, peer: client.peer,
            schema: String(decoding: state.image.schema, as: UTF8.self), mode: mode.rawValue, phase: phase.name,
            isInTransaction: state.isInTransaction, node: (current ?? last)?.entry.name ?? "",
            pins: state.pinSnapshots,
            serverConnections: readers.count + (main == nil ? 0 : 1), statements: statementsAnswered,
            sinceMilliseconds: now - min(now, since), ageMilliseconds: now - min(now, client.acceptedAtMilliseconds),
            causalMode: causal.settings.mode.rawValue, position: state.position?.description ?? "",
            statement: String(decoding: shownStatement.array, as: UTF8.self))
    }
}

extension ProxySession.Phase {
    fileprivate var name: String {
        switch self {
        case .idle: "idle"
        case .waiting: "waiting"
        case .running: "running"
        case .streaming: "streaming"
        case .receivingFile: "receiving_file"
        case .yielding: "yielding"
        case .asking: "asking"
        case .ended: "ended"
        }
    }
}
