// What would run with these settings, in words: the output of `switchyard check`.

extension Settings {
    /// One line per cluster, listener and service. Contains no secret.
    package var summary: [String] {
        var lines = clusters.map(\.summaryLine)
        lines += listeners.map {
            "listener \($0.name): \($0.bind), cluster \($0.cluster), mode \($0.mode.rawValue), \($0.tls.words)"
        }
        if let users {
            lines.append("users: \(counted(users.count, "account")) from this file (\(names(of: users)))")
        } else {
            lines.append("users: mirrored from the primary")
        }
        lines.append(
            console.map { "console: \($0.bind), users \(names(of: $0.users)), \($0.tls.words)" } ?? "console: off")
        lines.append(http.map { "http: \($0.bind), \($0.accessWords), \($0.tls.words)" } ?? "http: off")
        lines.append(
            "limits: \(counted(limits.clients, "client")), "
                + "\(counted(limits.serverConnectionsPerNode, "connection")) per node, "
                + "packets up to \(SizeText.describe(limits.packetBytes))")
        lines.append("lanes: \(lanes.map { "\($0)" } ?? "one per processor")\(zoneWords)")
        lines.append(
            "log: \(log.level.rawValue), \(log.format.rawValue), slow statements \(log.slowQueryText)"
                + (log.literals ? " with their values" : ""))
        return lines
    }

    private var zoneWords: String {
        let own = zone.map { ", zone \($0)" } ?? ""
        return zoneOrder.isEmpty ? own : "\(own), zone order \(zoneOrder.joined(separator: ", "))"
    }

    private func names(of users: [UserSettings]) -> String {
        let shownNames = 10
        let names = users.prefix(shownNames).map(\.name).joined(separator: ", ")
        return users.count > shownNames ? "\(names), …" : names
    }
}

extension HTTPSettings {
    fileprivate var accessWords: String {
        switch (token, users.isEmpty) {
        case (nil, true): "open to everybody on this machine"
        case (_?, true): "with a token"
        case (nil, false): "users \(users.map(\.name).joined(separator: ", "))"
        case (_?, false): "with a token, users \(users.map(\.name).joined(separator: ", "))"
        }
    }
}

extension LogSettings {
    /// From when on a statement is slow, as it is written in the settings.
    var slowQueryText: String { slowQueryMilliseconds.map(DurationText.describe) ?? "off" }
}

extension ListenerTLSSettings {
    fileprivate var words: String {
        guard mode != .disabled else { return "no TLS" }
        return "TLS \(mode.rawValue) with \(files.certificate ?? "a self-made certificate")"
    }
}

extension ClusterSettings {
    fileprivate var summaryLine: String {
        let nodes = nodes.map { node in
            let name = node.name.map { "\($0) at " } ?? ""
            let zone = node.zone.map { " in zone \($0)" } ?? ""
            let weight = node.weight == 100 ? "" : " with weight \(node.weight)"
            return "\(name)\(node.address)\(zone)\(weight)"
        }
        let others = discover ? "other nodes are discovered" : "no other nodes"
        let hold = DurationText.describe(holdTimeoutMilliseconds)
        return "cluster \(name): \(nodes.joined(separator: ", ")); \(others); monitor account '\(monitor.user)'; "
            + "writes wait up to \(hold) for a primary; TLS \(tls.mode.rawValue)"
    }
}
