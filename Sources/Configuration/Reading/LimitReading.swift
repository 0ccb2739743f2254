// The `limits` and `log` parts of a settings file.

extension LimitSettings {
    private static let timeRange = 1...604_800_000
    private static let countRange = 1...10_000_000

    static func read(_ value: YAMLValue) -> LimitSettings? {
        let keys = [
            "clients", "server_connections_per_node", "waiting_clients", "packet_size", "login_timeout", "idle_timeout",
            "connect_timeout", "wait_timeout", "idle_server_connections", "prepared_statements_per_node",
            "compression_threshold",
        ]
        guard let mapping = value.mapping(keys: keys) else { return nil }
        var limits = LimitSettings()
        limits.clients = mapping.integer("clients", limits.clients, in: countRange)
        limits.serverConnectionsPerNode = mapping.integer(
            "server_connections_per_node", limits.serverConnectionsPerNode, in: 1...100_000)
        limits.waitingClients = mapping.integer("waiting_clients", limits.waitingClients, in: 0...10_000_000)
        // The protocol's own bounds: max_allowed_packet is from 1 KiB to 1 GiB.
        limits.packetBytes = mapping.optional("packet_size", limits.packetBytes) { $0.size(in: (1 << 10)...(1 << 30)) }
        limits.loginTimeoutMilliseconds = mapping.duration(
            "login_timeout", limits.loginTimeoutMilliseconds, in: timeRange)
        limits.idleTimeoutMilliseconds = mapping.duration("idle_timeout", limits.idleTimeoutMilliseconds, in: timeRange)
        limits.connectTimeoutMilliseconds = mapping.duration(
            "connect_timeout", limits.connectTimeoutMilliseconds, in: timeRange)
        limits.waitTimeoutMilliseconds = mapping.duration(
            "wait_timeout", limits.waitTimeoutMilliseconds, in: 0...604_800_000)
        limits.poolIdlePerLane = mapping.integer("idle_server_connections", limits.poolIdlePerLane, in: 0...100_000)
        // max_prepared_stmt_count is 16382 unless changed, and 1048576 (MySQL: 4194304) at most.
        limits.preparedStatementsPerNode = mapping.integer(
            "prepared_statements_per_node", limits.preparedStatementsPerNode, in: 1...4_194_304)
        // 50 bytes is the servers' own threshold.
        limits.compressionThresholdBytes = mapping.optional(
            "compression_threshold", limits.compressionThresholdBytes
        ) { $0.size(in: 50...(1 << 20)) }
        return limits
    }
}

extension LogSettings {
    static func read(_ value: YAMLValue) -> LogSettings? {
        guard let mapping = value.mapping(keys: ["level", "format"]) else { return nil }
        var log = LogSettings()
        log.level = mapping.optional("level", log.level) { $0.choice(LogLevel.self) }
        log.format = mapping.optional("format", log.format) { $0.choice(LogFormat.self) }
        return log
    }
}
