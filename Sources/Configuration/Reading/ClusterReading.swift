// The `clusters` part of a settings file.

extension ClusterSettings {
    static let timeRange = 1...86_400_000
    static let timeRangeFromZero = 0...86_400_000
    static let probeRange = 10...3_600_000
    static let weightRange = 0...10_000

    static func readList(_ value: YAMLValue) -> [ClusterSettings] {
        guard let elements = value.list(of: "clusters") else { return [] }
        if elements.isEmpty { value.report("at least one cluster is needed") }
        var names = UniqueNames(what: "cluster")
        // Across clusters: `DRAIN NODE n` names no cluster, and a node in two clusters would obey two writer gates.
        var nodeNames = UniqueNames(what: "node")
        return elements.compactMap { read($0, names: &names, nodeNames: &nodeNames) }
    }

    private static func read(
        _ value: YAMLValue, names: inout UniqueNames, nodeNames: inout UniqueNames
    ) -> ClusterSettings? {
        let keys =
            [
                "name", "nodes", "monitor", "discover", "hold_timeout", "drain_timeout", "probe", "two_writable",
                "max_lag", "tls", "compression", "binlog_node", "kill_on_disconnect", "send_proxy_protocol",
                "lossy_failover", "external_source", "majority", "unseen_primary",
            ] + ReplaySettings.keys
        guard let mapping = value.mapping(keys: keys) else { return nil }
        let nameValue = mapping.required("name")
        let name = nameValue?.name()
        if let nameValue, let name { names.insert(name, at: nameValue) }
        let nodes = mapping.required("nodes").map { NodeSettings.readList($0, names: &nodeNames) } ?? []
        // Every key is read before anything is given up, so that all problems are found in one go.
        let monitor = mapping.required("monitor").flatMap(MonitorSettings.read)
        var cluster = ClusterSettings(
            name: name ?? "", nodes: nodes, monitor: monitor ?? MonitorSettings(user: "", password: ""))
        cluster.discover = mapping.optional("discover", cluster.discover) { $0.boolean() }
        cluster.holdTimeoutMilliseconds = mapping.duration(
            "hold_timeout", cluster.holdTimeoutMilliseconds, in: timeRangeFromZero)
        cluster.drainTimeoutMilliseconds = mapping.duration(
            "drain_timeout", cluster.drainTimeoutMilliseconds, in: timeRangeFromZero)
        cluster.maxLagMilliseconds = mapping.duration("max_lag", cluster.maxLagMilliseconds, in: timeRange)
        cluster.twoWritable = mapping.optional("two_writable", cluster.twoWritable) {
            $0.choice(TwoWritablePolicy.self)
        }
        cluster.replay = ReplaySettings.read(mapping)
        cluster.readPolicies(mapping)
        cluster.binlogNode = mapping.optional("binlog_node", cluster.binlogNode, BinlogNodeSetting.read)
        cluster.killOnDisconnect = mapping.optional("kill_on_disconnect", cluster.killOnDisconnect) { $0.boolean() }
        cluster.sendProxyProtocol = mapping.optional("send_proxy_protocol", cluster.sendProxyProtocol) {
            $0.choice(SendProxyProtocol.self)
        }
        cluster.tls = mapping.optional("tls", cluster.tls, ClusterTLSSettings.read)
        cluster.compression = mapping.optional("compression", cluster.compression) { $0.choice(NodeCompression.self) }
        cluster.probe = mapping.optional("probe", cluster.probe, ProbeSettings.read)
        return name == nil ? nil : cluster
    }
}

extension ClusterSettings {
    /// What the watcher makes of doubtful sights.
    fileprivate mutating func readPolicies(_ mapping: YAMLMapping) {
        lossyFailover = mapping.optional("lossy_failover", lossyFailover) { $0.choice(LossyFailoverPolicy.self) }
        externalSource = mapping.optional("external_source", externalSource) { $0.choice(ExternalSourcePolicy.self) }
        majority = mapping.optional("majority", majority) { $0.choice(MajorityPolicy.self) }
        unseenPrimary = mapping.optional("unseen_primary", unseenPrimary) { $0.choice(UnseenPrimaryPolicy.self) }
    }
}

extension BinlogNodeSetting {
    /// `primary`, `replica`, or a node's name, which may be one that is discovered later.
    fileprivate static func read(_ value: YAMLValue) -> BinlogNodeSetting? {
        guard let text = value.text(expected: "primary, replica or the name of a node") else { return nil }
        return switch text {
        case "primary": .primary
        case "replica": .replica
        default: .named(text)
        }
    }
}

extension ProbeSettings {
    static func read(_ value: YAMLValue) -> ProbeSettings? {
        guard let mapping = value.mapping(keys: ["primary_interval", "replica_interval", "timeout"]) else { return nil }
        var probe = ProbeSettings()
        let range = ClusterSettings.probeRange
        probe.primaryIntervalMilliseconds = mapping.duration(
            "primary_interval", probe.primaryIntervalMilliseconds, in: range)
        probe.replicaIntervalMilliseconds = mapping.duration(
            "replica_interval", probe.replicaIntervalMilliseconds, in: range)
        probe.timeoutMilliseconds = mapping.duration("timeout", probe.timeoutMilliseconds, in: range)
        return probe
    }
}

extension NodeSettings {
    static func readList(_ value: YAMLValue, names: inout UniqueNames) -> [NodeSettings] {
        guard let elements = value.list(of: "addresses") else { return [] }
        if elements.isEmpty { value.report("at least one node is needed") }
        var nodes: [NodeSettings] = []
        for element in elements {
            guard let (node, place) = read(element) else { continue }
            names.insert(node.address.description, at: place)
            if let name = node.name, name != node.address.description { names.insert(name, at: place) }
            nodes.append(node)
        }
        return nodes
    }

    /// An address alone, or a mapping around it; also where the address stands.
    private static func read(_ value: YAMLValue) -> (NodeSettings, YAMLValue)? {
        if value.isScalar, !value.isNothing {
            guard let address = value.address(defaultPort: DefaultPort.server, allowsPortZero: false) else {
                return nil
            }
            return (NodeSettings(address: address), value)
        }
        guard let mapping = value.mapping(keys: ["address", "name", "zone", "weight"]) else { return nil }
        let place = mapping.required("address")
        let address = place?.address(defaultPort: DefaultPort.server, allowsPortZero: false)
        let name = mapping["name"]?.name()
        let zone = mapping["zone"]?.name()
        let weight = mapping.integer("weight", 100, in: ClusterSettings.weightRange)
        guard let place, let address else { return nil }
        return (NodeSettings(address: address, name: name, zone: zone, weight: weight), place)
    }
}
