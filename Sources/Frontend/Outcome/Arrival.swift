// What a new primary has of what others wrote: the question, and its answer.
internal import Wire

/// What had arrived at a node by replication when it became the primary.
struct Arrival: Sendable, Equatable {
    /// The node's name, and the reign in which it was asked.
    let node: String
    let epoch: UInt64
    /// Its `server_id`.
    var serverID: UInt32 = 0
    /// MariaDB: the last number of each domain and each other server.
    private var events: [MariaDBPosition.Event] = []
    /// What it is known to have, by what it keeps of its history.
    var history: TransactionNumbers = [:]
    /// What it has of other servers. All of it, unless `gap` says otherwise.
    var foreign: TransactionNumbers = [:]
    /// Why it may have more than it tells.
    var gap: String?

    /// `gtid_binlog_state` has the last number of each domain and server, what came by replication included, if it is
    /// logged (`log_slave_updates`). A promotion empties `gtid_slave_pos`, or leaves it; where nothing is logged it is all
    /// there is (10.11). `Slaves_running` counts threads that apply, also when none receives. No privilege is needed.
    static func question(_ flavor: PositionFlavor) -> [UInt8] {
        switch flavor {
        case .mariaDB:
            Array(
                """
                SELECT CONCAT(@@GLOBAL.server_id, '|', @@GLOBAL.log_bin, '|', @@GLOBAL.log_slave_updates, '|', \
                @@GLOBAL.gtid_strict_mode, '|', (SELECT VARIABLE_VALUE FROM information_schema.GLOBAL_STATUS \
                WHERE VARIABLE_NAME = 'SLAVES_RUNNING'), '|', @@GLOBAL.gtid_binlog_state, '|', \
                @@GLOBAL.gtid_slave_pos) LIMIT 1
                """.utf8)
        case .mySQL:
            Array(
                "SELECT CONCAT(@@GLOBAL.server_id, '|', @@GLOBAL.server_uuid, '|', @@GLOBAL.gtid_executed) LIMIT 1".utf8
            )
        }
    }

    init(node: String, epoch: UInt64) {
        self.node = node
        self.epoch = epoch
    }

    /// The answer; nil when it is none.
    init?(_ answer: [UInt8]?, _ flavor: PositionFlavor, node: String, epoch: UInt64) {
        guard let answer else { return nil }
        self.init(node: node, epoch: epoch)
        let parts = answer.split(separator: UInt8(ascii: "|"), omittingEmptySubsequences: false).map { Array($0) }
        switch flavor {
        case .mariaDB: guard readMariaDB(parts) else { return nil }
        case .mySQL: guard readMySQL(parts) else { return nil }
        }
    }

    private mutating func readMariaDB(_ parts: [[UInt8]]) -> Bool {
        guard parts.count == 7, let own = UInt32(String(decoding: parts[0], as: UTF8.self)), own != 0,
            let state = try? parts[5].withUnsafeBytes({ try MariaDBPosition.parseEvents($0) }),
            let applied = try? parts[6].withUnsafeBytes({ try MariaDBPosition.parseEvents($0) })
        else { return false }
        serverID = own
        let logsAll = Self.isOn(parts[1]) && Self.isOn(parts[2])
        if !logsAll && !Self.isOn(parts[3]) {
            gap = "it does not log what it replicates (log_slave_updates), and gtid_strict_mode is off"
        }
        if !parts[4].elementsEqual("0".utf8) { gap = "it still applies what it received" }
        events = (state + applied).filter { $0.server != own }
        for event in events {
            foreign[.domain(event.domain), default: NumberSet()].insert(0...event.sequence)
        }
        for event in (logsAll ? state : []) + applied where event.server != own {
            history[.domain(event.domain), default: NumberSet()].insert(0...event.sequence)
        }
        return true
    }

    private mutating func readMySQL(_ parts: [[UInt8]]) -> Bool {
        guard parts.count == 3, let id = UInt32(String(decoding: parts[0], as: UTF8.self)), id != 0,
            let own = try? (parts[1] + Array(":1".utf8)).withUnsafeBytes({ try MySQLGTIDSet.parse($0) }),
            let server = own.onlyTransaction?.source,
            let executed = try? parts[2].withUnsafeBytes({ try MySQLGTIDSet.parse($0) })
        else { return false }
        serverID = id
        history = Position.mySQL(executed).numbers
        foreign = history.filter { source, _ in
            guard case .source(let source) = source else { return false }
            return !source.isSameServer(as: server)
        }
        return true
    }

    /// Whether it has numbers of `source` above `number` from servers that are neither `server` nor itself.
    func hasOthers(than server: UInt32, in source: NumberSource?, beyond number: UInt64) -> Bool {
        guard case .domain(let domain)? = source else { return false }
        return events.contains { $0.domain == domain && $0.server != server && $0.sequence > number }
    }

    private static func isOn(_ value: [UInt8]) -> Bool {
        value.elementsEqual("1".utf8) || value.elementsEqual("ON".utf8)
    }
}
