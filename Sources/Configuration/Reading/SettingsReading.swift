// The top level of a settings file, and the checks that look at more than one part of it.

extension Settings {
    /// More lanes than this help nobody; it is far above the processors of any machine.
    static let maximumLanes = 1_024

    /// Reads the whole tree; what is missing or wrong has been reported when this returns.
    static func read(_ root: YAMLValue) -> Settings? {
        let keys =
            ["clusters", "listeners", "users", "console", "http", "limits", "log", "lanes", "zone", "zone_order"]
            + ["policies"]
        guard let mapping = root.mapping(keys: keys) else { return nil }
        let clusterList = mapping.required("clusters")
        let clusters = clusterList.map(ClusterSettings.readList) ?? []
        let expected = clusterList?.elementCount
        let names = clusters.count == expected && !clusters.isEmpty ? clusters.map(\.name) : nil

        var binds = BoundAddresses()
        let listeners =
            mapping.required("listeners").map {
                ListenerSettings.readList($0, clusters: names, binds: &binds)
            } ?? []
        let advice = "leave 'users' out to mirror the accounts of the primary"
        var settings = Settings(
            clusters: clusters,
            listeners: listeners,
            users: mapping["users"].map { UserSettings.readList($0, emptyAdvice: advice, hasServers: true) },
            console: mapping["console"].flatMap { ConsoleSettings.read($0, binds: &binds) },
            http: mapping["http"].flatMap { HTTPSettings.read($0, binds: &binds) },
            limits: mapping.optional("limits", LimitSettings(), LimitSettings.read),
            log: mapping.optional("log", LogSettings(), LogSettings.read),
            lanes: mapping["lanes"].flatMap(readLanes),
            zone: mapping["zone"]?.name())
        settings.zoneOrder = mapping.optional("zone_order", []) { readZoneOrder($0, own: settings.zone) }
        settings.policies = mapping["policies"].map(PolicySettings.readList) ?? []
        return settings
    }

    /// Zones in which there is no node yet are no mistake: one may be discovered, or added.
    private static func readZoneOrder(_ value: YAMLValue, own: String?) -> [String]? {
        var names = UniqueNames(what: "zone")
        return value.list(of: "zones")?.compactMap { element in
            guard let name = element.name() else { return nil }
            if name == own {
                element.report("'\(name)' is the proxy's own zone, which always comes first")
                return nil
            }
            names.insert(name, at: element)
            return name
        }
    }

    private static func readLanes(_ value: YAMLValue) -> Int? {
        guard let text = value.text(expected: "a number of lanes or 'auto'") else { return nil }
        if text == "auto" { return nil }
        guard wholeNumber(text) != nil else {
            value.report("expected a number of lanes or 'auto', found \(value.shown)")
            return nil
        }
        return value.integer(in: 1...maximumLanes)
    }
}
