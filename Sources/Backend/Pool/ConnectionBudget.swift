// How many server connections the process may have, and each account to each node. Shared by all lanes.
internal import Synchronization
internal import Topology

/// Which bound keeps a connection from being opened, and where it stands.
package enum ConnectionLimit: Sendable, Equatable {
    case node(Int), account(Int), process(Int)
    /// The server refused more, whatever the settings allow: of anybody, or of the account.
    case server(Int), serverAccount(Int)

    /// Whether others than the account's own sessions may still be served.
    package var isOfAccount: Bool {
        switch self {
        case .account, .serverAccount: true
        case .node, .process, .server: false
        }
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
        case .serverAccount(let limit):
            "the server takes no more than \(limit) connections of the account now (its max_user_connections)"
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

    /// What an account has at a node.
    private struct Held {
        var count = 0
        /// So many the server took when it refused one more; nil when it is not known to be full.
        var learned: Int?
        /// When one more is tried.
        var triedAgainAt: UInt64 = 0
    }

    private let held: Atomic<Int>
    private let heldAccount: Atomic<Int>
    private let total = Atomic<Int>(0)
    /// Statements that wait because the process has as many as it may have.
    private let waiting = Atomic<Int>(0)
    private let accounts = Mutex<[Holder: Held]>([:])
    /// How long nothing beyond what the server took of an account is tried, in milliseconds.
    private static let fullAccountMilliseconds: UInt64 = 1_000
    /// It is believed to take so many more, at least, when it took one more.
    private static let learnedStep = 8

    /// - Parameters:
    ///   - limit: server connections of the process.
    ///   - accountLimit: those of one account to one node.
    package init(limit: Int = 0, accountLimit: Int = 0) {
        held = Atomic(limit)
        heldAccount = Atomic(accountLimit)
    }

    private var limit: Int { held.load(ordering: .relaxed) }
    private var accountLimit: Int { heldAccount.load(ordering: .relaxed) }

    /// Other limits from now on; what is open beyond them stays open.
    package func setLimits(limit: Int, accountLimit: Int) {
        held.store(limit, ordering: .relaxed)
        heldAccount.store(accountLimit, ordering: .relaxed)
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
        let (limit, accountLimit) = (limit, accountLimit)
        let taken = total.add(1, ordering: .relaxed).newValue
        if limit > 0 && taken > limit + beyond {
            total.subtract(1, ordering: .relaxed)
            load.releaseConnection()
            return .process(limit)
        }
        let holder = Holder(load: ObjectIdentifier(load), user: user)
        let reached = accounts.withLock { accounts -> ConnectionLimit? in
            var held = accounts[holder] ?? Held()
            if accountLimit > 0 && held.count >= accountLimit + beyond { return .account(accountLimit) }
            if let learned = held.learned, held.count >= learned + beyond {
                guard nowMilliseconds >= held.triedAgainAt else { return .serverAccount(learned) }
                held.triedAgainAt = nowMilliseconds + Self.fullAccountMilliseconds
            }
            held.count += 1
            accounts[holder] = held
            return nil
        }
        guard let reached else { return nil }
        total.subtract(1, ordering: .relaxed)
        load.releaseConnection()
        return reached
    }

    /// Gives a place back.
    func release(_ load: NodeLoad, user: String) {
        load.releaseConnection()
        total.subtract(1, ordering: .relaxed)
        let holder = Holder(load: ObjectIdentifier(load), user: user)
        accounts.withLock { accounts in
            guard var held = accounts[holder] else { return }
            held.count -= 1
            accounts[holder] = held.count > 0 || held.learned != nil ? held : nil
        }
    }

    /// The server refused a connection, which was released already, because the account has as many as it may have.
    func refusedAsFull(_ load: NodeLoad, user: String, nowMilliseconds: UInt64) {
        let holder = Holder(load: ObjectIdentifier(load), user: user)
        accounts.withLock { accounts in
            var held = accounts[holder] ?? Held()
            held.learned = held.count
            held.triedAgainAt = nowMilliseconds + Self.fullAccountMilliseconds
            accounts[holder] = held
        }
    }

    /// The server took a connection of the account. When there are more now than it took before, it may take more still.
    func connectionAccepted(_ load: NodeLoad, user: String) {
        let holder = Holder(load: ObjectIdentifier(load), user: user)
        accounts.withLock { accounts in
            guard let held = accounts[holder], let learned = held.learned, held.count > learned else { return }
            accounts[holder]?.learned = learned + max(Self.learnedStep, learned / 4)
        }
    }

    /// Whether somebody, of whichever cluster, waits for a place of the process: one relaxed read.
    package var isWanted: Bool { waiting.load(ordering: .relaxed) > 0 }

    /// So many more, or fewer, statements wait for a place of the process.
    package func waitingChanged(by difference: Int) { waiting.add(difference, ordering: .relaxed) }

    /// Whether the process has as many as it may have.
    package var isFull: Bool { limit > 0 && connections >= limit }
}
