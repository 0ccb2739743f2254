// What differs between the kinds of servers.

/// How a kind of server spells what a cluster needs. Where a text is made of several statements, it ends in `;`.
protocol ServerDialect: Sendable {
    typealias Question = (String) throws(LocalClusterError) -> ResultRow?

    /// The command line that makes a data folder with one account: root, over the socket, without a password.
    func installation(_ programs: ServerPrograms, data: String, temporary: String) -> [String]
    /// Files of a new data folder that no two servers may share.
    var filesOfOneServer: [String] { get }
    /// Server options beside those that all kinds have.
    func options(for options: LocalClusterOptions) -> [String]

    /// What a new server needs, the same on each, and for that reason not in its binary log.
    /// - Parameter administratorHost: from where root may log in over TCP.
    func accounts(administratorHost: String) -> String
    /// What a new primary makes sure of, into its binary log.
    var ensureReplicationUser: String { get }

    /// Runs `statements` out of the binary log, also where only replication may write.
    func local(_ statements: String) -> String

    /// Lets nobody write, not even root where the server knows that. Waits for statements that run.
    var close: [String] { get }
    /// Undoes what `close` holds beside the read-only state.
    var unlock: String { get }
    var makeReadOnly: String { get }
    var makeWritable: String { get }
    func semiSyncSource(_ enabled: Bool) -> String

    /// Ends replication and forgets its source.
    var leave: String { get }
    /// What a primary forgets beside that of the time when it was a replica.
    var forgetReplication: String { get }
    var stopReplication: String { get }
    var stopReceiving: String { get }
    var stopApplying: String { get }
    var startReplication: String { get }
    /// Applies what comes so many seconds later. Replication is stopped.
    func delay(seconds: Int) -> String
    /// Forgets what a former reign left behind that would stand in the way of following another.
    func prepareToFollow(position: String) -> String
    /// Makes a server without a replication channel follow `source`, starting after `position`.
    func follow(_ source: LocalNode, from position: String) -> String
    /// Makes a server without running replication follow `source` from where it is.
    func connect(to source: LocalNode) -> String

    /// One row of the state of replication, or none.
    var replicationStatus: String { get }
    func state(_ row: ResultRow?) -> ReplicationState?
    /// One row with the column `position`: all that the server has, by its own writes and by replication.
    var position: String { get }
    /// One row with the column `waited`: 0 when the position was reached.
    func wait(for position: String, seconds: Double) -> String
    /// Whether a node at `position` has what a node at `other` has not. `ask` gives the first row of a query.
    func isAhead(_ position: String, of other: String, ask: Question) throws(LocalClusterError) -> Bool
    /// Whether the primary, which answers `ask`, has (or once had) all of `position`.
    func isKnown(_ position: String, ask: Question) throws(LocalClusterError) -> Bool

    /// The options with which the dump program writes all that a new replica needs.
    var dumpOptions: [String] { get }
    /// Before a dump is loaded into a new server, and after it.
    var prepareToLoad: String { get }
    var finishLoading: String { get }
}

/// Users of every cluster.
enum Accounts {
    static let replication = (user: "replica", password: "replicapw")
    static let monitor = (user: "monitor", password: "monitorpw")
    static let application = (user: "app", password: "apppw")
    static let administrator = (user: "root", password: "rootpw")
}

/// What the state of replication says, as far as it is used here.
struct ReplicationState {
    let sourcePort: String
    let isReceiving: Bool
    let isApplying: Bool
    /// The error numbers, 0 when all is well.
    let receiveError: Int
    let applyError: Int
    let errorText: String
    /// The position up to which events were received.
    let receivedPosition: String

    /// The columns' names begin with `source` and `replica`; `received` is the name of a whole column.
    init(_ row: ResultRow, source: String, replica: String, received: String) {
        sourcePort = row["\(source)_Port"] ?? ""
        isReceiving = row["\(replica)_IO_Running"] == "Yes"
        isApplying = row["\(replica)_SQL_Running"] == "Yes"
        receiveError = Int(row["Last_IO_Errno"] ?? "") ?? 0
        applyError = Int(row["Last_SQL_Errno"] ?? "") ?? 0
        errorText = [row["Last_IO_Error"], row["Last_SQL_Error"]].compactMap { $0 }.filter { !$0.isEmpty }
            .joined(separator: "; ")
        receivedPosition = row[received] ?? ""
    }

    /// Replication has given up, or will never succeed: the source lacks the position (1236, in MySQL 13114), an event
    /// failed.
    var isBroken: Bool { receiveError == 1236 || receiveError == 13114 || applyError != 0 }
}
