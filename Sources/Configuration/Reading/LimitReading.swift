// The `limits` and `log` parts of a settings file.

extension LimitSettings {
    private static let timeRange = 1...604_800_000
    private static let countRange = 1...10_000_000

    static func read(_ value: YAMLValue) -> LimitSettings? {
        let keys = [
            "clients", "server_connections_per_node", "waiting_clients", "packet_size", "login_timeout", "idle_timeout",
            "connect_timeout", "wait_timeout", "idle_server_connections", "login_failures", "login_failure_window",
            "login_refusal", "login_trusted", "prepared_statements_per_node", "compression_threshold",
            "server_connections", "server_connections_per_account", "minimum_idle_server_connections",
            "idle_server_timeout", "server_connection_age",
        ]
        guard let mapping = value.mapping(keys: keys) else { return nil }
        var limits = LimitSettings()
        limits.readClients(mapping)
        limits.serverConnectionsPerNode = mapping.integer(
            "server_connections_per_node", limits.serverConnectionsPerNode, in: 1...100_000)
        limits.readServerConnections(mapping)
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
        limits.loginFailures = mapping.integer("login_failures", limits.loginFailures, in: 0...1_000_000)
        limits.loginFailureWindowMilliseconds = mapping.duration(
            "login_failure_window", limits.loginFailureWindowMilliseconds, in: 1_000...86_400_000)
        limits.loginRefusalMilliseconds = mapping.duration(
            "login_refusal", limits.loginRefusalMilliseconds, in: 1_000...86_400_000)
        limits.loginTrusted = mapping.optional("login_trusted", limits.loginTrusted) { value in
            value.list(of: "host patterns")?.compactMap { $0.text(expected: "a host pattern such as 10.0.%") }
        }
        // max_prepared_stmt_count is 16382 unless changed, and 1048576 (MySQL: 4194304) at most.
        limits.preparedStatementsPerNode = mapping.integer(
            "prepared_statements_per_node", limits.preparedStatementsPerNode, in: 1...4_194_304)
        // 50 bytes is the servers' own threshold.
        limits.compressionThresholdBytes = mapping.optional(
            "compression_threshold", limits.compressionThresholdBytes
        ) { $0.size(in: 50...(1 << 20)) }
        return limits
    }

    private mutating func readClients(_ mapping: YAMLMapping) {
        guard let value = mapping["clients"], let text = value.text(expected: "a whole number or 'auto'"),
            text != "auto"
        else { return }
        clientsAreGiven = true
        clients = value.integer(in: Self.countRange) ?? clients
    }

    private mutating func readServerConnections(_ mapping: YAMLMapping) {
        serverConnections = mapping.integer("server_connections", serverConnections, in: 0...10_000_000)
        serverConnectionsPerAccount = mapping.integer(
            "server_connections_per_account", serverConnectionsPerAccount, in: 0...100_000)
        poolIdlePerLane = mapping.integer("idle_server_connections", poolIdlePerLane, in: 0...100_000)
        minimumIdlePerLane = mapping.integer("minimum_idle_server_connections", minimumIdlePerLane, in: 0...100_000)
        idleServerTimeoutMilliseconds = mapping.duration(
            "idle_server_timeout", idleServerTimeoutMilliseconds, in: Self.timeRange)
        serverConnectionAgeMilliseconds = mapping.duration(
            "server_connection_age", serverConnectionAgeMilliseconds, in: Self.timeRange)
    }
}

extension LogSettings {
    static func read(_ value: YAMLValue) -> LogSettings? {
        guard let mapping = value.mapping(keys: ["level", "format", "slow_query", "literals"]) else { return nil }
        var log = LogSettings()
        log.level = mapping.optional("level", log.level) { $0.choice(LogLevel.self) }
        log.format = mapping.optional("format", log.format) { $0.choice(LogFormat.self) }
        if let value = mapping["slow_query"] { log.readSlowQuery(value) }
        log.literals = mapping.optional("literals", log.literals) { $0.boolean() }
        return log
    }

    private mutating func readSlowQuery(_ value: YAMLValue) {
        guard let text = value.text(expected: "a time such as 500ms or 1s, or off") else { return }
        slowQueryMilliseconds = text == "off" ? nil : value.duration(in: Self.slowQueryRange)
    }

    /// In milliseconds, a day at most.
    private static let slowQueryRange = 1...86_400_000
}
