// What the proxy writes about its clients: errors of its own, and slow statements. One line for each event.
internal import Configuration
internal import Frontend
internal import Logging
internal import Telemetry

extension ProxyServer {
    /// From now on: what is written, in which shape, and which statements are slow.
    func adoptLog(_ settings: LogSettings) {
        slowLog.thresholdMilliseconds = settings.slowQueryMilliseconds
        slowLog.showsLiterals = settings.literals
        guard let log else { return }
        log.level = Logger.Level(rawValue: settings.level.rawValue) ?? .info
        log.format = settings.format == .json ? .json : .human
    }
}

extension ErrorHistory {
    /// Errors under ids of this process. Of those that are alike, one in a second is written, with how many were not.
    convenience init(_ logger: Logger) {
        let throttle = LogThrottle(seconds: 1)
        self.init(nextID: ErrorID.next) { record in
            let key = "\(record.code) \(record.origin.cluster ?? "") \(record.origin.node ?? "")"
            guard case .write(let suppressed) = throttle.admit(key) else { return }
            logger.log(level: record.level, "error given to a client", metadata: record.metadata(suppressed))
        }
    }
}

extension ErrorRecord {
    /// What is the client's own fault is no trouble of the operator's.
    fileprivate var level: Logger.Level { code >= 9_500 || code == 1_040 ? .warning : .info }

    fileprivate func metadata(_ suppressed: Int) -> Logger.Metadata {
        var metadata: Logger.Metadata = [
            "id": "\(id)", "code": "\(code)", "sqlstate": "\(sqlState)", "cause": "\(cause)",
            "next_step": "\(nextStep)",
            "session": "\(session)", "peer": "\(peer)",
        ]
        if let cluster = origin.cluster { metadata["cluster"] = "\(cluster)" }
        if let node = origin.node { metadata["node"] = "\(node)" }
        if let user = origin.user { metadata["user"] = "\(user)" }
        if let digest = origin.digest { metadata["digest"] = "\(DigestRecord.name(of: digest))" }
        if suppressed > 0 { metadata["suppressed"] = "\(suppressed)" }
        return metadata
    }
}

extension SlowLog {
    /// As the settings say, into this log.
    convenience init(_ settings: LogSettings, _ logger: Logger) {
        self.init(thresholdMilliseconds: settings.slowQueryMilliseconds, showsLiterals: settings.literals) {
            statement in
            logger.notice("slow statement", metadata: statement.metadata)
        }
    }
}

extension SlowStatement {
    fileprivate var metadata: Logger.Metadata {
        var metadata: Logger.Metadata = [
            "cluster": "\(cluster)", "session": "\(session)", "user": "\(user)",
            "milliseconds": .stringConvertible(Int(clamping: microseconds / 1_000)),
            "rows": .stringConvertible(Int(clamping: rows)),
            "affected_rows": .stringConvertible(Int(clamping: affectedRows)),
            "bytes": .stringConvertible(Int(clamping: bytes)), "failed": .stringConvertible(failed),
            "ran_on": "\(place)", "digest": "\(DigestRecord.name(of: digest))", "text": "\(digestText)",
        ]
        let words = [
            ("schema", schema), ("node", node), ("class", access), ("reason", reason),
            ("pins", pins.joined(separator: ", ")), ("statement", statement ?? ""), ("traceparent", traceParent ?? ""),
        ]
        for (name, value) in words where !value.isEmpty { metadata[name] = "\(value)" }
        if suppressed > 0 { metadata["suppressed"] = .stringConvertible(suppressed) }
        return metadata
    }
}
