// The `listeners` and `console` parts of a settings file, and the addresses they must not share.

extension ListenerSettings {
    static func readList(
        _ value: YAMLValue, clusters: [String]?, binds: inout BoundAddresses
    ) -> [ListenerSettings] {
        guard let elements = value.list(of: "listeners") else { return [] }
        if elements.isEmpty { value.report("at least one listener is needed") }
        var names = UniqueNames(what: "listener")
        return elements.compactMap { read($0, clusters: clusters, names: &names, binds: &binds) }
    }

    private static func read(
        _ value: YAMLValue, clusters: [String]?, names: inout UniqueNames, binds: inout BoundAddresses
    ) -> ListenerSettings? {
        let keys =
            ["name", "bind", "cluster", "mode", "tls", "compression", "server_version", "proxy_protocol"]
            + ["causal_reads", "causal_timeout", "hints", "max_lag", "min_readers", "timeout"]
        guard let mapping = value.mapping(keys: keys) else { return nil }
        let nameValue = mapping.required("name")
        let name = nameValue?.name()
        if let nameValue, let name { names.insert(name, at: nameValue) }
        let bind = binds.read(mapping, defaultPort: DefaultPort.listener)
        let cluster = mapping.required("cluster").flatMap { clusterName($0, among: clusters) }
        let mode = mapping.optional("mode", ListenerMode.split) { $0.choice(ListenerMode.self) }
        let tls = mapping.optional("tls", ListenerTLSSettings(), ListenerTLSSettings.read)
        let compression = mapping.optional("compression", Set(CompressionMethod.allCases)) { $0.compressionMethods() }
        let version = mapping["server_version"].flatMap(readVersion)
        let networks = mapping["proxy_protocol"]?.list(of: "networks")?.compactMap(NetworkRange.read) ?? []
        let hints = mapping.optional("hints", true) { $0.boolean() }
        let maxLag = mapping["max_lag"].flatMap { $0.duration(in: ClusterSettings.timeRangeFromZero) }
        let minReaders = mapping.integer("min_readers", 0, in: minReadersRange)
        let timeout = mapping.duration("timeout", 0, in: ClusterSettings.timeRangeFromZero)
        guard let name, let bind, let cluster else { return nil }
        var listener = ListenerSettings(name: name, bind: bind, cluster: cluster, mode: mode, tls: tls)
        listener.compression = compression
        listener.causalReads = mapping.optional("causal_reads", CausalReads.session) { $0.choice(CausalReads.self) }
        listener.causalTimeoutMilliseconds = mapping.duration("causal_timeout", 50, in: 0...60_000)
        listener.serverVersion = version
        listener.proxyProtocol = networks
        listener.hints = hints
        listener.maxLagMilliseconds = maxLag
        listener.minReaders = minReaders
        listener.timeoutMilliseconds = timeout
        return listener
    }

    /// As many nodes as a cluster can have.
    private static let minReadersRange = 0...64

    /// Clients take its first characters for numbers, and it ends with a NUL.
    private static func readVersion(_ value: YAMLValue) -> String? {
        guard let text = value.text(expected: "a version, for example 8.4.2") else { return nil }
        guard text.utf8.count <= versionMaximum, text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }),
            text.utf8.first.map({ UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 }) == true
        else {
            value.report("a version begins with a digit and has at most \(versionMaximum) characters without space")
            return nil
        }
        return text
    }

    /// Characters of a version: more than servers have.
    private static let versionMaximum = 60

    /// `clusters` is `nil` when their names have problems of their own; then nothing can be said about this one.
    private static func clusterName(_ value: YAMLValue, among clusters: [String]?) -> String? {
        guard let name = value.name() else { return nil }
        if let clusters, !clusters.contains(name) {
            value.report("no cluster is named '\(name)'", suggestion: didYouMean(name, among: clusters))
        }
        return name
    }
}

extension PolicySettings {
    static func readList(_ value: YAMLValue) -> [PolicySettings] {
        guard let elements = value.list(of: "policies") else { return [] }
        var names = UniqueNames(what: "user")
        return elements.compactMap { element in
            guard let mapping = element.mapping(keys: ["user", "mode", "max_lag", "timeout"]) else { return nil }
            let place = mapping.required("user")
            let user = place?.accountName()
            if let place, let user { names.insert(user, at: place) }
            var policy = PolicySettings(user: user ?? "")
            policy.mode = mapping["mode"].flatMap { $0.choice(ListenerMode.self) }
            policy.maxLagMilliseconds = mapping["max_lag"].flatMap {
                $0.duration(in: ClusterSettings.timeRangeFromZero)
            }
            policy.timeoutMilliseconds = mapping["timeout"].flatMap {
                $0.duration(in: ClusterSettings.timeRangeFromZero)
            }
            return user == nil ? nil : policy
        }
    }
}

extension ConsoleSettings {
    static func read(_ value: YAMLValue, binds: inout BoundAddresses) -> ConsoleSettings? {
        guard let mapping = value.mapping(keys: ["bind", "users", "tls"]) else { return nil }
        let bind = binds.read(mapping, defaultPort: DefaultPort.console)
        let users = mapping.required("users").map {
            UserSettings.readList($0, emptyAdvice: "leave 'console' out if it is not wanted", hasServers: false)
        }
        let tls = mapping.optional("tls", ListenerTLSSettings(), ListenerTLSSettings.read)
        guard let bind, let users else { return nil }
        return ConsoleSettings(bind: bind, users: users, tls: tls)
    }
}

/// The addresses this process will listen on; refuses the second of two that cannot be bound at the same time.
struct BoundAddresses {
    private var bound: [(address: NodeAddress, line: Int)] = []

    mutating func read(_ mapping: YAMLMapping, defaultPort: UInt16) -> NodeAddress? {
        guard let value = mapping.required("bind"),
            let address = value.address(defaultPort: defaultPort, allowsPortZero: true)
        else { return nil }
        if let other = bound.first(where: { Self.overlap($0.address, address) }) {
            value.report("\(address) overlaps with \(other.address), which is bound on line \(other.line)")
        }
        bound.append((address, value.line))
        return address
    }

    /// Whether both addresses cannot be listened on: the same one, or one that stands for all of its family.
    static func overlap(_ left: NodeAddress, _ right: NodeAddress) -> Bool {
        switch (left, right) {
        case (.unix(let left), .unix(let right)):
            return left == right
        case (.host(let left, let leftPort), .host(let right, let rightPort)):
            guard leftPort == rightPort, leftPort != 0 else { return false }
            if left == right { return true }
            let isIPv6 = left.contains(":")
            guard isIPv6 == right.contains(":") else { return false }
            let wildcard = isIPv6 ? "::" : "0.0.0.0"
            return left == wildcard || right == wildcard
        default:
            return false
        }
    }
}
