// Replicas and other readers of the binary log: one node for the whole session, and a stream that does not end.
//
// MariaDB's replicas, and MySQL's, set user variables before they register or ask for the log; both tools for reading a
// log remotely do too (seen on MariaDB 10.11 and MySQL 9.7). All of that must be on the node whose log is read.
internal import Backend
internal import Network
internal import Routing
internal import SQL
internal import Topology
internal import Wire

/// Where a session reads the binary log.
struct BinlogReading {
    let node: NodeID
    let name: String
    /// The role that made this node the right one; nil when it was named.
    let wasPrimary: Bool?
}

extension ProxySession {
    /// COM_REGISTER_SLAVE, COM_BINLOG_DUMP and COM_BINLOG_DUMP_GTID.
    func readBinlog(_ code: CommandCode, _ packet: UnsafeRawBufferPointer) {
        if let refusal = beginBinlogReading() { return refuse(refusal) }
        run(code, code == .registerSlave ? .okOrError : .events, .command(.primary), .main, packet)
    }

    /// Whether a statement is one with which a reader of the log prepares itself.
    func preparesBinlogReading(_ text: UnsafeRawBufferPointer, _ traits: StatementTraits) -> Bool {
        guard traits.kind == .setVariables, traits.effects.contains(.writesUserVariables), binlogReading == nil else {
            return false
        }
        let prefixes = ["master_", "slave_", "source_", "replica_", "mariadb_slave_", "rpl_semi_sync_"]
        return SetStatement.assignments(text, mode: state.sqlMode).contains { assignment in
            guard assignment.scope == .user else { return false }
            return prefixes.contains { assignment.name.starts(with: $0.utf8) }
        }
    }

    /// From now on the session is with one node. Why it cannot be, or nil.
    func beginBinlogReading() -> ProxyError? {
        guard binlogReading == nil else { return nil }
        guard let entry = binlogEntry() else {
            let reason = cluster.link.settings.binlogNode.isNamed ? "it is not reachable, or no node" : gateReason
            return .noBinlog("no node to read the binary log from (binlog_node: \(binlogNodeText)): \(reason)")
        }
        let isBound = state.isInTransaction || !state.pins.isDisjoint(with: .lostWithConnection)
        guard !isBound || main?.entry.id == entry.id else {
            return .noBinlog(
                "the binary log is read on \(entry.name) (binlog_node), and this session has state on "
                    + "\(main?.entry.name ?? "another node"): connect anew for it")
        }
        for reader in readers { drop(reader) }
        if let main, main.entry.id != entry.id { drop(main) }
        let isByRole = !cluster.link.settings.binlogNode.isNamed
        binlogReading = BinlogReading(
            node: entry.id, name: entry.name, wasPrimary: isByRole ? entry.id == cluster.table.primary?.id : nil)
        // Whatever it is, it is read where the log is.
        mode = .replica
        return nil
    }

    private func binlogEntry() -> RoutingEntry? {
        switch cluster.link.settings.binlogNode {
        case .primary: return cluster.table.primary
        case .named(let name): return cluster.table.entries.first { $0.name == name && $0.state != .down }
        case .replica:
            let index = cluster.chooseReader(cluster.readers, attached: 0)
            return index.map { cluster.table.entries[$0] } ?? cluster.table.primary
        }
    }

    private var binlogNodeText: String {
        switch cluster.link.settings.binlogNode {
        case .primary: "primary"
        case .replica: "replica"
        case .named(let name): name
        }
    }

    /// The one connection of such a session. What it had prepared went with it, so it is not made a second time.
    func placeOnBinlogNode(_ reading: BinlogReading) -> Placement {
        if let main { return .server(main) }
        guard let entry = cluster.table.entry(reading.node), entry.state != .down else {
            return .end(.sessionLost(node: reading.name, cause: "it is down", state: ["the binary log"]))
        }
        switch acquire(entry, epoch: cluster.table.epoch, isReadOnly: false) {
        case .connection(let server):
            main = server
            return .server(server)
        case .limitReached(let limit): return .wait(.noRoom(entry.id, node: entry.name, limit))
        case .failed(let reason): return .wait(.noConnection(node: entry.name, reason: reason))
        }
    }

    /// Whether the node is not what it was chosen for any more: the reader connects again and finds the right one.
    var leavesBinlogNode: Bool {
        guard let binlogReading else { return false }
        guard let entry = cluster.table.entry(binlogReading.node), entry.state != .draining else { return true }
        guard let wasPrimary = binlogReading.wasPrimary, let primary = cluster.table.primary else { return false }
        return wasPrimary != (primary.id == entry.id)
    }

    /// What a replica says while events are sent to it: with semi-synchronous replication it acknowledges them.
    func acknowledgementsReceived(_ bytes: UnsafeMutableRawBufferPointer) -> Int {
        guard let current, command.wasSent else { return 0 }
        current.sendMore(UnsafeRawBufferPointer(bytes))
        if current.isCongested { client.pauseReading() }
        return bytes.count
    }
}

extension BinlogNode {
    fileprivate var isNamed: Bool {
        if case .named = self { return true }
        return false
    }
}
