// SHOW PROCESSLIST: the clients of this cluster, as a server would list its own.
internal import Backend
internal import Network
internal import SQL
internal import Topology
internal import Wire

/// One client in the list. A plain copy, taken on its lane.
struct ListedProcess: Sendable {
    let id: UInt32
    let user: String
    let host: String
    /// Empty for none.
    let schema: [UInt8]
    let command: String
    let seconds: UInt64
    let state: String
    /// nil while nothing runs.
    let info: [UInt8]?
}

extension ProxySession {
    /// Answers with the clients of all lanes; without PROCESS, with those of the same user.
    func listProcesses(isFull: Bool, seesAll: Bool) {
        phase = .asking
        let user = seesAll ? nil : identity.user
        cluster.link.lanes.ask(from: lane) { cluster, answer in
            answer(cluster.processes(of: user))
        } then: { [self] (lists: [[ListedProcess]]) in
            guard phase == .asking else { return }
            phase = .running
            answer(lists.flatMap { $0 }.sorted { $0.id < $1.id }, isFull: isFull)
        }
    }

    private func answer(_ processes: [ListedProcess], isFull: Bool) {
        let dialect = state.sqlMode.dialect
        var writer = ByteWriter()
        TextResultSet.encode(
            columns: Self.processlistColumns(dialect, isFull: isFull),
            rows: processes.map { $0.row(dialect, isFull: isFull) },
            capabilities: client.capabilities, status: visibleStatus, firstSequence: command.replySequence,
            leavesOutDefinitions: leavesOutDefinitions, into: &writer)
        client.write(writer.bytes)
        finishCommand()
    }

    /// `resultset_metadata = NONE`, of clients that can do without.
    var leavesOutDefinitions: Bool {
        client.capabilities.contains(.optionalResultsetMetadata)
            && state.image.value(of: "resultset_metadata")?.elementsEqual("NONE".utf8) == true
    }

    /// As MariaDB 10.11 and MySQL 9.7 describe them to a client of utf8mb4.
    private static func processlistColumns(_ dialect: Dialect, isFull: Bool) -> [ColumnDefinition] {
        let isMariaDB = dialect == .mariaDB
        func text(_ name: String, _ length: UInt32, isNullable: Bool, type: ColumnType = .varString)
            -> ColumnDefinition
        {
            ColumnDefinition(
                name: name, type: type, length: length, flags: isNullable ? 0 : 1, decimals: isMariaDB ? 39 : 31)
        }
        func number(_ name: String, _ type: ColumnType, _ length: UInt32, decimals: UInt8 = 0) -> ColumnDefinition {
            ColumnDefinition(
                name: name, type: type, collation: ColumnDefinition.binaryCollation, length: length, flags: 0x81,
                decimals: decimals)
        }
        let info: ColumnDefinition =
            if !isFull {
                text("Info", 400, isNullable: true)
            } else if isMariaDB {
                text("Info", 0x0C00_0000, isNullable: true, type: .longBlob)
            } else {
                text("Info", 0x3000_0000, isNullable: true, type: .longBlob)
            }
        let columns = [
            number("Id", .longlong, isMariaDB ? 11 : 22), text("User", isMariaDB ? 512 : 128, isNullable: false),
            text("Host", isMariaDB ? 256 : 1_020, isNullable: false), text("db", 256, isNullable: true),
            text("Command", 64, isNullable: false), number("Time", .long, isMariaDB ? 7 : 8),
            text("State", 120, isNullable: true), info,
        ]
        return isMariaDB ? columns + [number("Progress", .double, 7, decimals: 3)] : columns
    }
}

extension ListedProcess {
    fileprivate func row(_ dialect: Dialect, isFull: Bool) -> [[UInt8]?] {
        var row: [[UInt8]?] = [
            Array("\(id)".utf8), Array(user.utf8), Array(host.utf8), schema.isEmpty ? nil : schema,
            Array(command.utf8), Array("\(seconds)".utf8), Array(state.utf8),
            info.map { isFull ? $0 : Array($0.prefix(FrontendLimits.processlistInfoBytes)) },
        ]
        if dialect == .mariaDB { row.append(Array("0.000".utf8)) }
        return row
    }
}

extension LaneCluster {
    /// The clients of this lane, of one user or of all.
    func processes(of user: String?) -> [ListedProcess] {
        let now = lane.nowMilliseconds
        return allSessions.lazy.filter { user == nil || $0.identity.user == user }.map { $0.listed(now) }
    }
}

extension ProxySession {
    fileprivate func listed(_ now: UInt64) -> ListedProcess {
        let isAtWork = phase != .idle && phase != .yielding && phase != .ended
        let since = isAtWork ? command.receivedAt / 1_000_000 : lastActiveMilliseconds
        return ListedProcess(
            id: client.id, user: identity.user, host: client.peer, schema: state.image.schema,
            command: isAtWork ? commandName : "Sleep", seconds: (now - min(now, since)) / 1_000,
            state: isAtWork ? stateText : "", info: isAtWork && hasText ? shownStatement.array : nil)
    }

    /// What servers call the command.
    private var commandName: String {
        if command.purpose == .schemaCheck { return "Connect" }
        return switch command.code {
        case .query: "Query"
        case .statementPrepare: "Prepare"
        case .statementExecute, .statementBulkExecute: "Execute"
        case .statementFetch: "Fetch"
        case .statementReset: "Reset stmt"
        case .statementSendLongData: "Long Data"
        case .statementClose: "Close stmt"
        case .initDB: "Init DB"
        case .fieldList: "Field List"
        case .statistics: "Statistics"
        case .setOption: "Set option"
        case .debug: "Debug"
        case .refresh: "Refresh"
        case .processInfo: "Processlist"
        case .processKill: "Kill"
        case .changeUser: "Change user"
        case .resetConnection: "Reset connection"
        case .registerSlave: "Register Slave"
        case .binlogDump, .binlogDumpGTID: "Binlog Dump"
        default: "Query"
        }
    }

    private var stateText: String {
        switch phase {
        case .waiting: current.map { "connecting to \($0.entry.name)" } ?? "waiting for a node"
        case .asking: "starting"
        default: current.map { "on \($0.entry.name)" } ?? ""
        }
    }

    private var hasText: Bool {
        command.purpose != .schemaCheck && [.query, .statementPrepare, .statementExecute].contains(command.code)
    }
}
