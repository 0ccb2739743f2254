// The `listeners`, `console` and `http` parts of a settings file, and the addresses they must not share.

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
        guard let mapping = value.mapping(keys: ["name", "bind", "cluster", "mode", "tls", "compression"]) else {
            return nil
        }
        let nameValue = mapping.required("name")
        let name = nameValue?.name()
        if let nameValue, let name { names.insert(name, at: nameValue) }
        let bind = binds.read(mapping, defaultPort: DefaultPort.listener)
        let cluster = mapping.required("cluster").flatMap { clusterName($0, among: clusters) }
        let mode = mapping.optional("mode", ListenerMode.split) { $0.choice(ListenerMode.self) }
        let tls = mapping.optional("tls", ListenerTLSSettings(), ListenerTLSSettings.read)
        let compression = mapping.optional("compression", Set(CompressionMethod.allCases)) { $0.compressionMethods() }
        guard let name, let bind, let cluster else { return nil }
        var listener = ListenerSettings(name: name, bind: bind, cluster: cluster, mode: mode, tls: tls)
        listener.compression = compression
        return listener
    }

    /// `clusters` is `nil` when their names have problems of their own; then nothing can be said about this one.
    private static func clusterName(_ value: YAMLValue, among clusters: [String]?) -> String? {
        guard let name = value.name() else { return nil }
        if let clusters, !clusters.contains(name) {
            value.report("no cluster is named '\(name)'", suggestion: didYouMean(name, among: clusters))
        }
        return name
    }
}

extension ConsoleSettings {
    static func read(_ value: YAMLValue, binds: inout BoundAddresses) -> ConsoleSettings? {
        guard let mapping = value.mapping(keys: ["bind", "users", "tls"]) else { return nil }
        let bind = binds.read(mapping, defaultPort: DefaultPort.console)
        let users = mapping.required("users").map {
            UserSettings.readList($0, emptyAdvice: "leave 'console' out if it is not wanted")
        }
        let tls = mapping.optional("tls", ListenerTLSSettings(), ListenerTLSSettings.read)
        guard let bind, let users else { return nil }
        return ConsoleSettings(bind: bind, users: users, tls: tls)
    }
}

extension HTTPSettings {
    static func read(_ value: YAMLValue, binds: inout BoundAddresses) -> HTTPSettings? {
        guard let mapping = value.mapping(keys: ["bind"]) else { return nil }
        return binds.read(mapping, defaultPort: DefaultPort.http).map { HTTPSettings(bind: $0) }
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
