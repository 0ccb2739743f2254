// What metrics say of a lane: sums, taken on the lane, without a copy of each session and connection.
internal import Network
internal import Topology

/// One cluster on one lane, in figures.
package struct LaneFigures: Sendable {
    /// The cluster's name.
    package let cluster: String
    /// The lane's number.
    package let lane: Int
    /// Sessions that live there.
    package var sessions = 0
    /// Statements that wait for a connection, by node name.
    package var waiting: [String: Int] = [:]
    /// What became of hints.
    package var hints = HintCounts()
    /// What is held in memory.
    package var memory = HeldMemory()

    /// Nothing yet.
    package init(cluster: String, lane: Int) {
        self.cluster = cluster
        self.lane = lane
    }
}

extension LaneCluster {
    /// The figures of what lives here. On the lane; a few additions for each session.
    package func figures() -> LaneFigures {
        var figures = LaneFigures(cluster: link.name, lane: lane.number)
        figures.sessions = sessionCount
        for node in queue.nodes { figures.waiting[table.entry(node)?.name ?? "", default: 0] += queue.count(at: node) }
        figures.hints = hintCounts
        figures.memory = heldMemory()
        return figures
    }
}
