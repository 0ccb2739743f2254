// The `http` part of a settings file.

extension HTTPSettings {
    static func read(_ value: YAMLValue, binds: inout BoundAddresses) -> HTTPSettings? {
        guard let mapping = value.mapping(keys: ["bind", "users", "token", "token_file", "tls"]) else { return nil }
        let bind = binds.read(mapping, defaultPort: DefaultPort.http)
        let users = mapping["users"].map {
            UserSettings.readList($0, emptyAdvice: "leave 'users' out if nobody has one", hasServers: false)
        }
        if users?.contains(where: { $0.plugin != nil }) == true {
            mapping["users"]?.report("HTTP knows no plugins: leave 'plugin' out")
        }
        let token = mapping.token()
        let tls = mapping["tls"].flatMap(ListenerTLSSettings.readForHTTP)
        guard let bind else { return nil }
        var settings = HTTPSettings(bind: bind)
        settings.users = users ?? []
        settings.token = token
        settings.tls = tls ?? settings.tls
        let isMeant = mapping["users"] != nil || mapping["token"] != nil || mapping["token_file"] != nil
        if !isMeant && !bind.isLoopback {
            mapping["bind"]?.report(
                "\(bind) can be reached from other machines, and nobody would have to show who he is",
                suggestion: "give 'users' or 'token', or bind 127.0.0.1")
        }
        return settings
    }
}
