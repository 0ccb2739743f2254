// Who waits for a connection to a node that has as many as it may have: first come, first served. A pure value.
internal import Backend
internal import Topology

/// Waiters by node, each list in the order in which they began to wait. Who is asked again and has to go on waiting
/// keeps the place that his beginning gives him.
struct ConnectionQueue<Waiter: AnyObject> {
    struct Entry {
        let waiter: Waiter
        /// Lane milliseconds at which the waiting began.
        let since: UInt64
        let limit: ConnectionLimit
    }

    private var lists: [NodeID: [Entry]] = [:]
    /// How many of them wait because the process has as many connections as it may have.
    private(set) var processWaiters = 0
    /// Those at each node who wait for a connection of their own account, whose limit is reached.
    private var accountWaiters: [NodeID: Int] = [:]

    var isEmpty: Bool { lists.isEmpty }
    /// The nodes that somebody waits for.
    var nodes: [NodeID] { Array(lists.keys) }

    func count(at node: NodeID) -> Int { lists[node]?.count ?? 0 }
    /// How many of them any connection to the node would help.
    func nodeWaiters(at node: NodeID) -> Int { count(at: node) - (accountWaiters[node] ?? 0) }
    /// The first in line.
    func first(at node: NodeID) -> Entry? { lists[node]?.first }
    /// All of them, the first one first. Whoever holds it makes the next change copy the line: not for every statement.
    func entries(at node: NodeID) -> [Entry] { lists[node] ?? [] }
    /// The one at this place in line, the first being at 0; nil behind the last.
    func entry(at place: Int, of node: NodeID) -> Entry? {
        guard place < count(at: node) else { return nil }
        return lists[node]?[place]
    }
    /// Whether somebody waits for a connection of his own account, whose limit is reached.
    func hasAccountWaiters(at node: NodeID) -> Bool { (accountWaiters[node] ?? 0) > 0 }

    /// What he who began to wait then waits for; nil when he does not wait for this node.
    func limit(of waiter: Waiter, since: UInt64, at node: NodeID) -> ConnectionLimit? {
        lists[node]?.first { $0.waiter === waiter || $0.since > since }.flatMap {
            $0.waiter === waiter ? $0.limit : nil
        }
    }

    /// - Parameter wasAsked: he waited before, and was asked in vain: those of the same millisecond stay behind him.
    mutating func join(
        _ waiter: Waiter, at node: NodeID, since: UInt64, _ limit: ConnectionLimit, wasAsked: Bool = false
    ) {
        if limit.isOfProcess { processWaiters += 1 }
        if limit.isOfAccount { accountWaiters[node, default: 0] += 1 }
        lists[node, default: []].join(Entry(waiter: waiter, since: since, limit: limit), wasAsked: wasAsked)
    }

    /// Gives the node for which he waited; nil for none.
    mutating func remove(_ waiter: Waiter) -> NodeID? {
        guard let node = lists.first(where: { $0.value.contains { $0.waiter === waiter } })?.key else { return nil }
        return remove(waiter, at: node) ? node : nil
    }

    /// As `remove`, where the node is known.
    mutating func remove(_ waiter: Waiter, at node: NodeID) -> Bool {
        guard let index = lists[node]?.firstIndex(where: { $0.waiter === waiter }) else { return false }
        remove(at: index, node)
        return true
    }

    private mutating func remove(at index: Int, _ node: NodeID) {
        guard let limit = lists[node]?.remove(at: index).limit else { return }
        if limit.isOfProcess { processWaiters -= 1 }
        if limit.isOfAccount { accountWaiters[node, default: 0] -= 1 }
        if lists[node]?.isEmpty == true {
            lists[node] = nil
            accountWaiters[node] = nil
        }
    }

    /// Everybody, in the order in which they began to wait.
    mutating func removeAll() -> [Waiter] {
        let all = lists.values.joined().sorted { $0.since < $1.since }
        lists = [:]
        processWaiters = 0
        accountWaiters = [:]
        return all.map(\.waiter)
    }
}

extension Array {
    /// In place: a copy of the line for every statement that waits would cost more than the statement.
    fileprivate mutating func join<Waiter>(_ entry: Element, wasAsked: Bool)
    where Element == ConnectionQueue<Waiter>.Entry {
        let place =
            // Those asked are at the front; all others come last.
            wasAsked
            ? firstIndex { $0.since >= entry.since } ?? count
            : (lastIndex { $0.since <= entry.since } ?? -1) + 1
        insert(entry, at: place)
    }
}
