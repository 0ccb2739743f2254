// Who waits for a connection to a node that has as many as it may have: first come, first served. A pure value.
internal import Backend
internal import Topology

/// Waiters by node, each line in the order in which they began to wait. Who is asked again and has to go on waiting
/// keeps the place that his beginning gives him.
struct ConnectionQueue<Waiter: AnyObject> {
    struct Entry {
        let waiter: Waiter
        /// Lane milliseconds at which the waiting began.
        let since: UInt64
        let limit: ConnectionLimit
        /// Whether another node may serve him as well.
        let hasChoice: Bool
    }

    private var lines: [NodeID: Line] = [:]
    /// How many of them wait because the process has as many connections as it may have.
    private(set) var processWaiters = 0

    var isEmpty: Bool { lines.isEmpty }
    /// The nodes that somebody waits for.
    var nodes: [NodeID] { Array(lines.keys) }

    func count(at node: NodeID) -> Int { lines[node]?.entries.count ?? 0 }
    /// How many of them any connection to the node would help.
    func nodeWaiters(at node: NodeID) -> Int { lines[node].map { $0.entries.count - $0.accountWaiters } ?? 0 }
    /// Whether somebody waits for a connection of his own account, whose limit is reached.
    func hasAccountWaiters(at node: NodeID) -> Bool { lines[node].map { $0.accountWaiters > 0 } ?? false }
    /// Whether another node may serve somebody as well.
    func hasChoosers(at node: NodeID) -> Bool { lines[node].map { $0.choosers > 0 } ?? false }
    /// The first in line.
    func first(at node: NodeID) -> Entry? { lines[node]?.entries.first }
    /// All of them, the first one first. Whoever holds it makes the next change copy the line: not for every statement.
    func entries(at node: NodeID) -> [Entry] { lines[node]?.entries ?? [] }

    /// The one at this place in line, the first being at 0; nil behind the last.
    func entry(at place: Int, of node: NodeID) -> Entry? {
        guard let line = lines[node], place < line.entries.count else { return nil }
        return line.entries[place]
    }

    /// - Parameters:
    ///   - hasChoice: another node may serve him as well.
    ///   - place: where he was until he was asked, in vain; nobody else has left or come since.
    mutating func join(
        _ waiter: Waiter, at node: NodeID, since: UInt64, _ limit: ConnectionLimit, hasChoice: Bool = false,
        to place: Int? = nil
    ) {
        if limit.isOfProcess { processWaiters += 1 }
        let entry = Entry(waiter: waiter, since: since, limit: limit, hasChoice: hasChoice)
        // In place: a copy of the line for each statement that waits would cost more than the statement.
        lines[node, default: Line()].join(entry, to: place)
    }

    /// Gives the node for which he waited; nil for none.
    mutating func remove(_ waiter: Waiter) -> NodeID? {
        let line = lines.first { $0.value.entries.contains { $0.waiter === waiter } }
        guard let node = line?.key else { return nil }
        return remove(waiter, at: node) ? node : nil
    }

    /// As `remove`, where the node is known.
    mutating func remove(_ waiter: Waiter, at node: NodeID) -> Bool {
        guard let limit = lines[node]?.remove(waiter)?.limit else { return false }
        if limit.isOfProcess { processWaiters -= 1 }
        if lines[node]?.entries.isEmpty == true { lines[node] = nil }
        return true
    }

    /// Everybody, in the order in which they began to wait.
    mutating func removeAll() -> [Waiter] {
        let all = lines.values.map(\.entries).joined().sorted { $0.since < $1.since }
        lines = [:]
        processWaiters = 0
        return all.map(\.waiter)
    }

    /// Those who wait for one node.
    private struct Line {
        private(set) var entries: [Entry] = []
        /// Those who wait for a connection of their own account, whose limit is reached.
        private(set) var accountWaiters = 0
        private(set) var choosers = 0

        mutating func join(_ entry: Entry, to place: Int?) {
            if let place, isInOrder(entry, at: place) {
                entries.insert(entry, at: place)
            } else {
                // From the end: most come last.
                let earlier = entries.lastIndex { $0.since <= entry.since }
                entries.insert(entry, at: earlier.map { $0 + 1 } ?? 0)
            }
            count(entry, 1)
        }

        private func isInOrder(_ entry: Entry, at place: Int) -> Bool {
            place <= entries.count && entries.prefix(place).last.map { $0.since <= entry.since } ?? true
                && entries.dropFirst(place).first.map { entry.since <= $0.since } ?? true
        }

        mutating func remove(_ waiter: Waiter) -> Entry? {
            guard let place = entries.firstIndex(where: { $0.waiter === waiter }) else { return nil }
            let entry = entries.remove(at: place)
            count(entry, -1)
            return entry
        }

        private mutating func count(_ entry: Entry, _ change: Int) {
            if entry.limit.isOfAccount { accountWaiters += change }
            if entry.hasChoice { choosers += change }
        }
    }
}
