// How many server connections the process may have, and each account to each node. Shared by all lanes.
internal import Synchronization
internal import Topology

/// Which bound keeps a connection from being opened, and where it stands.
package enum ConnectionLimit: Sendable, Equatable {
    case node(Int), account(Int), process(Int)
    /// The server refused more, whatever the settings allow.
    case server(Int)

    /// Whether others than the account's own sessions may still be served.
    package var isOfAccount: Bool {
        if case .account = self { return true }
        return false
    }

    /// Whether any connection of the process helps, to whichever node.
    package var isOfProcess: Bool {
        if case .process = self { return true }
        return false
    }

    /// In words that name the setting.
    package var text: String {
        switch self {
        case .node(let limit): "all \(limit) connections are in use (limits.server_connections_per_node)"
        case .account(let limit):
            "all \(limit) connections of the account are in use (limits.server_connections_per_account)"
        case .server(let limit): "the server is full: it takes no more than \(limit) connections of Switchyard now"
        case .process(let limit): "all \(limit) connections of Switchyard are in use (limits.server_connections)"
        }
    }
}

/// Counts what is open, and refuses what is too much. A limit of 0 is none.
package final class ConnectionBudget: Sendable {
    private struct Holder: Hashable {
        /// The node, of whichever cluster.
        let load: ObjectIdentifier
        let user: String
    }

    private let limit: Int
    private let accountLimit: Int
    private let total = Atomic<Int>(0)
    /// Statements that wait because the process has as many as it may have.
    private let waiting = Atomic<Int>(0)
    private let accounts = Mutex<[Holder: Int]>([:])

    /// - Parameters:
    ///   - limit: server connections of the process.
    ///   - accountLimit: those of one account to one node.
    package init(limit: Int = 0, accountLimit: Int = 0) {
        self.limit = limit
        self.accountLimit = accountLimit
    }

    /// Server connections of the process now.
    package var connections: Int { total.load(ordering: .relaxed) }

    /// Takes a place, or says which limit is reached. `beyond`: so many more than each limit are allowed for this purpose.
    func reserve(
        _ load: NodeLoad, user: String, nodeLimit: Int, beyond: Int, nowMilliseconds: UInt64 = 0
    ) -> ConnectionLimit? {
        guard load.reserveConnection(limit: nodeLimit, beyond: beyond, nowMilliseconds: nowMilliseconds) else {
            guard load.connections < nodeLimit, let full = load.fullServerConnections else { return .node(nodeLimit) }
            return .server(full)
        }
        let taken = total.add(1, ordering: .relaxed).newValue
        if limit > 0 && taken > limit + beyond {
            total.subtract(1, ordering: .relaxed)
            load.releaseConnection()
            return .process(limit)
        }
        guard accountLimit > 0 else { return nil }
        let fits = accounts.withLock { accounts in
            let count = accounts[Holder(load: ObjectIdentifier(load), user: user)] ?? 0
            guard count < accountLimit + beyond else { return false }
            accounts[Holder(load: ObjectIdentifier(load), user: user)] = count + 1
            return true
        }
        if fits { return nil }
        total.subtract(1, ordering: .relaxed)
        load.releaseConnection()
        return .account(accountLimit)
    }

    /// Gives a place back.
    func release(_ load: NodeLoad, user: String) {
        load.releaseConnection()
        total.subtract(1, ordering: .relaxed)
        guard accountLimit > 0 else { return }
        accounts.withLock { accounts in
            let holder = Holder(load: ObjectIdentifier(load), user: user)
            let left = (accounts[holder] ?? 1) - 1
            accounts[holder] = left > 0 ? left : nil
        }
    }

    /// Whether somebody, of whichever cluster, waits for a place of the process: one relaxed read.
    package var isWanted: Bool { waiting.load(ordering: .relaxed) > 0 }

    /// So many more, or fewer, statements wait for a place of the process.
    package func waitingChanged(by difference: Int) { waiting.add(difference, ordering: .relaxed) }

    /// Whether the process has as many as it may have.
    package var isFull: Bool { limit > 0 && connections >= limit }
}
