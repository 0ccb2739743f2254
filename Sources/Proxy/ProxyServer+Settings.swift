// Other settings for a proxy that runs: prepared, so that what can fail has failed before anything changes, then put in
// force everywhere.
internal import Admin
internal import Backend
internal import Configuration
internal import Frontend
internal import Logging
internal import Network
internal import Security
internal import Synchronization
internal import Telemetry
internal import Topology

/// What was made for other settings, and is not in force yet.
private struct PreparedSettings: Sendable {
    let tls: TLSSources.Prepared
    /// Listeners that are new, or have another address.
    var opened: [OpenListener] = []
}

extension ProxyServer {
    // MARK: Changes

    /// Reads the settings file and the certificates again, as SIGHUP asks; a refusal is in the log. Blocks.
    package func reload() {
        _ = try? reload(SettingsOrder(origin: .signal, unixMilliseconds: WallClockTime.now().millisecondsSince1970))
    }

    func reload(_ order: SettingsOrder) throws(SettingsRefusal) -> SettingsOutcome {
        // Also when the file is bad: certificates are files of their own, and may be about to expire.
        defer { tls.reload() }
        return try change(order) { ledger throws(SettingsRefusal) in try ledger.reloading() }
    }

    /// Makes one change, of which there is one at a time. When it is refused, nothing has changed.
    func change(
        _ order: SettingsOrder, _ make: (SettingsLedger) throws(SettingsRefusal) -> SettingsCandidate
    ) throws(SettingsRefusal) -> SettingsOutcome {
        try changing.withLock { _ throws(SettingsRefusal) -> SettingsOutcome in
            do throws(SettingsRefusal) {
                // A listener that came now would take clients after those that drain were closed.
                if isStopped || isDraining { throw SettingsRefusal("Switchyard is stopping") }
                if handOver.isUnderWay {
                    throw SettingsRefusal("another process is about to take this one's place: it has read its settings")
                }
                let candidate = try make(ledger.withLock { $0 })
                if !candidate.changes.isEmpty {
                    let prepared = try prepare(candidate.settings)
                    putInForce(candidate.settings, from: settings, prepared)
                }
                // What is pending is read again then, which takes time, in which others may want to know what is in force.
                var after = ledger.withLock { $0 }
                after.accept(candidate, order)
                ledger.withLock { [after] in $0 = after }
                logChanges(candidate.changes, after.current.number, order)
                // Who reads the file again wants to know what of it has no effect.
                let isReading = order.origin == .reload || order.origin == .signal
                return SettingsOutcome(
                    changes: candidate.changes, overruled: isReading ? after.overruled : [],
                    version: after.current.number)
            } catch {
                ledger.withLock { $0.refuse(error, order) }
                logger.error(
                    "settings not changed: \(error.description)",
                    metadata: ["origin": "\(order.origin.rawValue)", "user": "\(order.user)"])
                throw error
            }
        }
    }

    private func logChanges(_ changes: [SettingChange], _ version: Int, _ order: SettingsOrder) {
        for change in changes.prefix(SettingsLimits.eventsPerChangeMaximum) {
            logger.notice(
                "setting changed",
                metadata: [
                    "setting": "\(change.path)", "old": "\(change.old)", "new": "\(change.new)",
                    "version": "\(version)", "origin": "\(order.origin.rawValue)", "user": "\(order.user)",
                    "connection": "\(order.connectionID)",
                ])
        }
        logger.notice(
            "settings in force",
            metadata: [
                "version": "\(version)", "changes": "\(changes.count)", "origin": "\(order.origin.rawValue)",
                "user": "\(order.user)",
            ])
    }

    // MARK: Preparing

    private func prepare(_ new: Settings) throws(SettingsRefusal) -> PreparedSettings {
        for cluster in clusters { try checkAccounts(of: cluster, new) }
        for cluster in new.clusters { try checkNodes(of: cluster) }
        for cluster in new.clusters { try checkMonitor(of: cluster) }
        let tls: TLSSources.Prepared
        do throws(TLSFailure) {
            tls = try self.tls.prepare(new)
        } catch {
            throw SettingsRefusal("TLS: \(error)")
        }
        var prepared = PreparedSettings(tls: tls)
        let present = listeners.withLock { $0 }
        for listener in new.listeners {
            let former = present.first { $0.name == listener.name }
            if former?.bind == listener.bind { continue }
            do throws(ProxyStartError) {
                prepared.opened.append(
                    try open(listener.bind, name: listener.name, door: former?.door ?? nextDoor()))
            } catch {
                for opened in prepared.opened { opened.listener.close() }
                throw SettingsRefusal(error.description)
            }
        }
        return prepared
    }

    /// Who would mirror accounts that nobody could read would lock everybody out.
    private func checkAccounts(of cluster: ClusterRuntime, _ new: Settings) throws(SettingsRefusal) {
        guard new.users == nil, settings.users != nil, cluster.watcher.accounts.isEmpty else { return }
        let reason = cluster.watcher.accountsFailure ?? "they were not read yet"
        throw SettingsRefusal("users: the accounts of cluster '\(cluster.name)' cannot be mirrored: \(reason)")
    }

    private func checkNodes(of settings: ClusterSettings) throws(SettingsRefusal) {
        guard let cluster = clusters.first(where: { $0.name == settings.name }) else { return }
        let new = cluster.newNodes(in: settings)
        guard new == 0 || cluster.watcher.members.count + new <= Watcher.membersMaximum else {
            throw SettingsRefusal(
                "clusters[\(settings.name)].nodes: a cluster has at most \(Watcher.membersMaximum) nodes, "
                    + "those discovered included")
        }
    }

    /// A slip in the monitor's password would end all traffic at once.
    private func checkMonitor(of settings: ClusterSettings) throws(SettingsRefusal) {
        guard let cluster = clusters.first(where: { $0.name == settings.name }),
            let failure = cluster.watcher.trial(
                monitorUser: settings.monitor.user, monitorPassword: settings.monitor.password,
                tls: settings.tls.probing, intervals: settings.intervals)
        else { return }
        throw SettingsRefusal(
            "clusters[\(settings.name)].monitor: nodes that can be watched now could not be watched so: \(failure)")
    }

    // MARK: Putting in force

    /// Nothing here can fail.
    private func putInForce(_ new: Settings, from old: Settings, _ prepared: PreparedSettings) {
        adoptLog(new.log)
        tls.adopt(prepared.tls)
        setClientLimit(new.limits.clients)
        if let shortage = new.shortage(on: machine), new.limits != old.limits { logger.warning("\(shortage)") }
        budget.setLimits(
            limit: new.limits.serverConnections, accountLimit: new.limits.serverConnectionsPerAccount)
        loginServices.throttle.adopt(new.limits.loginThrottle)
        if let console = new.console { adopt(console, from: old, new) }
        adoptHTTP(from: old, new)
        for settings in new.clusters {
            guard let cluster = clusters.first(where: { $0.name == settings.name }) else { continue }
            cluster.adopt(settings, in: new, from: old, tls: tls.cluster(settings.name))
        }
        adoptListeners(new, old, prepared.opened)
        awaitLanes()
    }

    private func adopt(_ console: ConsoleSettings, from old: Settings, _ new: Settings) {
        if console.users != old.console?.users { consoleDirectory.replace(console.users.map(\.account)) }
        let encryption = tls.console
        let loginTimeout = UInt64(new.limits.loginTimeoutMilliseconds)
        for assembly in lanes {
            assembly.onLane { $0.adoptConsole(encryption, loginTimeoutMilliseconds: loginTimeout) }
        }
    }

    /// Sessions keep the door that they came through; those of a listener that is gone are drained.
    private func adoptListeners(_ new: Settings, _ old: Settings, _ opened: [OpenListener]) {
        let (closed, gone) = listeners.withLock { held -> ([OpenListener], [OpenListener]) in
            let names = Set(new.listeners.map(\.name))
            let rebound = Set(opened.compactMap(\.name))
            let gone = held.filter { $0.name.map { !names.contains($0) } ?? false }
            let closed = held.filter { $0.name.map { !names.contains($0) || rebound.contains($0) } ?? false }
            held.removeAll { listener in closed.contains { $0.listener === listener.listener } }
            held.insert(contentsOf: opened, at: 0)
            return (closed, gone)
        }
        let doors = listeners.withLock { held in
            Dictionary(held.compactMap { open in open.name.map { ($0, open.door) } }) { first, _ in first }
        }
        for listener in new.listeners {
            if let door = doors[listener.name] { addDoor(listener, door, new) }
        }
        for opened in opened { opened.listener.start() }
        for closed in closed { closed.listener.close() }
        for gone in gone {
            let cluster = old.listeners.first { $0.name == gone.name }?.cluster
            let timeout = new.clusters.first { $0.name == cluster }?.drainTimeoutMilliseconds ?? 0
            for assembly in lanes {
                assembly.onLane { $0.removeDoor(listener: gone.door, drainMilliseconds: UInt64(timeout)) }
            }
            logger.notice("listener closed", metadata: ["listener": "\(gone.name ?? "")"])
        }
    }
}

/// The settings of a server, for its console.
///
/// `@unchecked Sendable` because the weak reference, which the console must have (it lives on the lanes that the server
/// owns), is never written after `init`.
final class ServerSettings: SettingsControl, @unchecked Sendable {
    private weak var server: ProxyServer?

    init(_ server: ProxyServer) { self.server = server }

    private var ledger: SettingsLedger? { server.map { $0.ledger.withLock { $0 } } }

    var rows: [SettingRow] { ledger?.rows ?? [] }
    var events: [SettingsEvent] { ledger?.events ?? [] }
    var pending: [SettingChange] { ledger?.pending ?? [] }

    func stage(_ assignments: [SettingAssignment]) throws(SettingsRefusal) -> [SettingChange] {
        let server = try running()
        return try server.changing.withLock { _ throws(SettingsRefusal) -> [SettingChange] in
            // Reading takes time, in which others may want to know which settings are in force.
            var ledger = server.ledger.withLock { $0 }
            let pending = try ledger.stage(assignments)
            server.ledger.withLock { $0 = ledger }
            return pending
        }
    }

    func discard() -> Bool {
        guard let server else { return false }
        return server.changing.withLock { _ in server.ledger.withLock { $0.discard() } }
    }

    func difference(from version: Int) throws(SettingsRefusal) -> [SettingChange] {
        try running().ledger.withLock { $0 }.difference(from: version)
    }

    func apply(for admin: ConsoleSession) throws(SettingsRefusal) -> SettingsOutcome {
        try running().change(admin.order(.apply)) { ledger throws(SettingsRefusal) in try ledger.applying() }
    }

    func rollBack(to version: Int, for admin: ConsoleSession) throws(SettingsRefusal) -> SettingsOutcome {
        try running().change(admin.order(.rollback)) { ledger throws(SettingsRefusal) in
            try ledger.rollingBack(to: version)
        }
    }

    func reload(for admin: ConsoleSession) throws(SettingsRefusal) -> SettingsOutcome {
        try running().reload(admin.order(.reload))
    }

    private func running() throws(SettingsRefusal) -> ProxyServer {
        guard let server else { throw SettingsRefusal("Switchyard is stopping") }
        return server
    }
}

extension ConsoleSession {
    fileprivate func order(_ origin: SettingsOrigin) -> SettingsOrder {
        SettingsOrder(
            origin: origin, user: user, connectionID: connectionID,
            unixMilliseconds: WallClockTime.now().millisecondsSince1970)
    }
}
