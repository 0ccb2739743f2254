// Settings as a tree of named texts: what the difference of two settings compares, and nothing else does.

/// One branch of the settings. Lists are branches keyed by name, so that a moved element is not a change.
indirect enum SettingTree {
    /// One value; changing it may need a restart.
    case leaf(String, restart: Bool)
    /// A value that is compared but never shown.
    case secret(UserCredential)
    /// Named children, with the words that stand for the whole of it; `restart` is about its coming and going.
    case branch(summary: String, restart: Restart, [(key: String, tree: SettingTree)])

    /// When a running process cannot take over that something comes or goes.
    enum Restart {
        case never
        /// It can come, and not go.
        case whenRemoved
        case always
    }

    /// The words for the whole of it.
    var shown: String {
        switch self {
        case .leaf(let text, _): text
        case .secret: "(hidden)"
        case .branch(let summary, _, _): summary
        }
    }

    /// Whether its coming, or its becoming something of another kind, needs a restart.
    var needsRestart: Bool {
        switch self {
        case .leaf(_, let restart): restart
        case .branch(_, let restart, _): restart == .always
        case .secret: false
        }
    }

    /// Whether its going does.
    var removalNeedsRestart: Bool {
        if case .branch(_, .whenRemoved, _) = self { return true }
        return needsRestart
    }
}

extension Settings {
    /// Everything that differs between two settings. What threads and watchers are made from needs a restart, and so do
    /// the console and the HTTP endpoint; all else is taken over by a running process.
    var tree: SettingTree {
        var children: [(key: String, tree: SettingTree)] = [
            ("clusters", listTree(clusters.map { ($0.name, $0.tree) }, noun: "cluster", restart: .always)),
            ("listeners", listTree(listeners.map { ($0.name, $0.tree) }, noun: "listener")),
            ("users", users.map { userTree($0) } ?? .leaf("mirrored from the primary", restart: false)),
            ("limits", limits.tree),
            ("log.level", .leaf(log.level.rawValue, restart: false)),
            ("log.format", .leaf(log.format.rawValue, restart: false)),
            ("log.slow_query", .leaf(log.slowQueryText, restart: false)),
            ("log.literals", .leaf(log.literals ? "true" : "false", restart: false)),
            ("lanes", .leaf(lanes.map { "\($0)" } ?? "auto", restart: true)),
        ]
        if let zone { children.append(("zone", .leaf(zone, restart: false))) }
        if !zoneOrder.isEmpty {
            children.append(("zone_order", .leaf(zoneOrder.joined(separator: ", "), restart: false)))
        }
        if !policies.isEmpty { children.append(("policies", policyTree(policies))) }
        if let console {
            let parts: [(key: String, tree: SettingTree)] =
                [
                    ("bind", .leaf("\(console.bind)", restart: true)),
                    ("users", userTree(console.users, hasRoles: true)),
                ] + console.tls.files.parts(mode: console.tls.mode.rawValue)
            children.append(("console", .branch(summary: "\(console.bind)", restart: .always, parts)))
        }
        if let http {
            children.append(("http", .branch(summary: "\(http.bind)", restart: .always, http.parts)))
        }
        return .branch(summary: "settings", restart: .never, children)
    }
}

extension ClusterSettings {
    fileprivate var tree: SettingTree {
        let nodeTrees = nodes.map { ($0.displayName, $0.tree) }
        func time(_ milliseconds: Int) -> SettingTree { .leaf(DurationText.describe(milliseconds), restart: false) }
        return .branch(
            summary: counted(nodes.count, "node"), restart: .always,
            [
                ("nodes", listTree(nodeTrees, noun: "node")),
                ("monitor.user", .leaf(monitor.user, restart: false)),
                ("monitor.password", .secret(.password(monitor.password))),
                ("discover", .leaf("\(discover)", restart: false)),
                ("hold_timeout", time(holdTimeoutMilliseconds)),
                ("drain_timeout", time(drainTimeoutMilliseconds)),
                ("probe.primary_interval", time(probe.primaryIntervalMilliseconds)),
                ("probe.replica_interval", time(probe.replicaIntervalMilliseconds)),
                ("probe.timeout", time(probe.timeoutMilliseconds)),
                ("replay", .leaf("\(replay.isOn)", restart: false)),
                ("replay_limit", .leaf(SizeText.describe(replay.limitBytes), restart: false)),
                ("replay_attempts", .leaf("\(replay.attempts)", restart: false)),
                ("retry_deadlocks", .leaf("\(replay.retriesDeadlocks)", restart: false)),
                ("two_writable", .leaf(twoWritable.rawValue, restart: false)),
                ("lossy_failover", .leaf(lossyFailover.rawValue, restart: false)),
                ("external_source", .leaf(externalSource.rawValue, restart: false)),
                ("majority", .leaf(majority.rawValue, restart: false)),
                ("unseen_primary", .leaf(unseenPrimary.rawValue, restart: false)),
                ("max_lag", time(maxLagMilliseconds)),
                ("compression", .leaf(compression.rawValue, restart: false)),
                ("binlog_node", .leaf(binlogNode.text, restart: false)),
                ("kill_on_disconnect", .leaf("\(killOnDisconnect)", restart: false)),
                ("send_proxy_protocol", .leaf(sendProxyProtocol.rawValue, restart: false)),
            ] + tls.files.parts(mode: tls.mode.rawValue))
    }
}

extension NodeSettings {
    fileprivate var tree: SettingTree {
        var parts: [(key: String, tree: SettingTree)] = [
            ("address", .leaf("\(address)", restart: true)), ("weight", .leaf("\(weight)", restart: false)),
        ]
        if let zone { parts.append(("zone", .leaf(zone, restart: false))) }
        // What was learned of a node is kept by its number, so that none can go while others stay.
        return .branch(summary: "\(address)", restart: .whenRemoved, parts)
    }
}

extension ListenerSettings {
    fileprivate var tree: SettingTree {
        .branch(
            summary: "\(bind)", restart: .never,
            [
                ("bind", .leaf("\(bind)", restart: false)), ("cluster", .leaf(cluster, restart: false)),
                ("mode", .leaf(mode.rawValue, restart: false)),
                ("causal_reads", .leaf(causalReads.rawValue, restart: false)),
                ("causal_timeout", .leaf(DurationText.describe(causalTimeoutMilliseconds), restart: false)),
                ("hints", .leaf("\(hints)", restart: false)),
                ("max_lag", .leaf(maxLagMilliseconds.map(DurationText.describe) ?? "the cluster's", restart: false)),
                ("min_readers", .leaf("\(minReaders)", restart: false)),
                ("timeout", .leaf(DurationText.describe(timeoutMilliseconds), restart: false)),
                ("compression", .leaf(compression.listed, restart: false)),
                ("server_version", .leaf(serverVersion ?? "the primary's", restart: false)),
                (
                    "proxy_protocol",
                    .leaf(
                        proxyProtocol.isEmpty ? "off" : proxyProtocol.map(\.text).joined(separator: ", "),
                        restart: false)
                ),
            ] + tls.files.parts(mode: tls.mode.rawValue))
    }
}

extension HTTPSettings {
    fileprivate var parts: [(key: String, tree: SettingTree)] {
        var parts: [(key: String, tree: SettingTree)] = [("bind", .leaf("\(bind)", restart: true))]
        if !users.isEmpty { parts.append(("users", userTree(users, hasRoles: true))) }
        if let token { parts.append(("token", .secret(.password(token)))) }
        return parts + tls.files.parts(mode: tls.mode.rawValue)
    }
}

extension TLSFileSettings {
    /// What the files hold is read again at any time, also when nothing changes here.
    fileprivate func parts(mode: String) -> [(key: String, tree: SettingTree)] {
        var parts: [(key: String, tree: SettingTree)] = [("tls.mode", .leaf(mode, restart: false))]
        for (name, path) in [("certificate", certificate), ("key", key), ("ca", authority)] {
            if let path { parts.append(("tls.\(name)", .leaf(path, restart: false))) }
        }
        parts.append(("tls.minimum_version", .leaf(minimumVersion.rawValue, restart: false)))
        return parts
    }
}

extension LimitSettings {
    fileprivate var tree: SettingTree {
        func count(_ number: Int) -> SettingTree { .leaf("\(number)", restart: false) }
        func time(_ milliseconds: Int) -> SettingTree { .leaf(DurationText.describe(milliseconds), restart: false) }
        return .branch(
            summary: "limits", restart: .never,
            [
                ("clients", count(clients)),
                ("server_connections_per_node", count(serverConnectionsPerNode)),
                ("server_connections_per_account", count(serverConnectionsPerAccount)),
                ("server_connections", count(serverConnections)),
                ("waiting_clients", count(waitingClients)),
                ("packet_size", .leaf(SizeText.describe(packetBytes), restart: false)),
                ("login_timeout", time(loginTimeoutMilliseconds)),
                ("idle_timeout", time(idleTimeoutMilliseconds)),
                ("connect_timeout", time(connectTimeoutMilliseconds)),
                ("wait_timeout", time(waitTimeoutMilliseconds)),
                ("idle_server_connections", count(poolIdlePerLane)),
                ("minimum_idle_server_connections", count(minimumIdlePerLane)),
                ("idle_server_timeout", time(idleServerTimeoutMilliseconds)),
                ("server_connection_age", time(serverConnectionAgeMilliseconds)),
                ("login_failures", count(loginFailures)),
                ("login_failure_window", time(loginFailureWindowMilliseconds)),
                ("login_refusal", time(loginRefusalMilliseconds)),
                ("login_trusted", .leaf(loginTrusted.joined(separator: ", "), restart: false)),
                ("prepared_statements_per_node", count(preparedStatementsPerNode)),
                ("compression_threshold", .leaf(SizeText.describe(compressionThresholdBytes), restart: false)),
            ])
    }
}

private func userTree(_ users: [UserSettings], hasRoles: Bool = false) -> SettingTree {
    let trees: [(String, SettingTree)] = users.map { user in
        var parts: [(key: String, tree: SettingTree)] = [("password", .secret(user.credential))]
        if hasRoles { parts.append(("role", .leaf(user.role.rawValue, restart: false))) }
        if let plugin = user.plugin { parts.append(("plugin", .leaf(plugin.rawValue, restart: false))) }
        if let server = user.server {
            parts.append(("server_user", .leaf(server.user, restart: false)))
            if let password = server.password { parts.append(("server_password", .secret(.password(password)))) }
        }
        return (user.name, .branch(summary: "present", restart: .never, parts))
    }
    return listTree(trees, noun: "account")
}

private func policyTree(_ policies: [PolicySettings]) -> SettingTree {
    let trees: [(String, SettingTree)] = policies.map { policy in
        var parts: [(key: String, tree: SettingTree)] = []
        if let mode = policy.mode { parts.append(("mode", .leaf(mode.rawValue, restart: false))) }
        for (key, time) in [("max_lag", policy.maxLagMilliseconds), ("timeout", policy.timeoutMilliseconds)] {
            if let time { parts.append((key, .leaf(DurationText.describe(time), restart: false))) }
        }
        return (policy.user, .branch(summary: "present", restart: .never, parts))
    }
    return listTree(trees, noun: "user")
}

private func listTree(
    _ elements: [(String, SettingTree)], noun: String, restart: SettingTree.Restart = .never
) -> SettingTree {
    .branch(
        summary: counted(elements.count, noun), restart: restart,
        elements.map { (key: "[\($0.0)]", tree: $0.1) })
}

/// `1 node`, `2 nodes`.
func counted(_ number: Int, _ noun: String) -> String {
    number == 1 ? "1 \(noun)" : "\(number) \(noun)s"
}
