// Opens the SQL console, and gives it what it shows and changes.
internal import Admin
internal import Backend
internal import Configuration
internal import Dispatch
internal import Frontend
internal import Logging
internal import Synchronization
internal import Telemetry
internal import Topology

extension ProxyServer {
    /// What the console and HTTP show, and what runs their statements.
    func makeConsoleExecutor() throws(ProxyStartError) -> ConsoleExecutor {
        do throws(ConsoleError) {
            return try ConsoleExecutor(source: consoleSource)
        } catch {
            throw ProxyStartError("console: \(error)")
        }
    }

    /// Gives every lane a door to the console, and listens for its clients.
    func openConsole(_ console: ConsoleSettings, _ executor: ConsoleExecutor) throws(ProxyStartError) {
        let opened = try open(console.bind, name: nil, door: nextDoor())
        listeners.withLock { $0.append(opened) }
        let loginTimeout = UInt64(settings.limits.loginTimeoutMilliseconds)
        for assembly in lanes {
            assembly.onLane { [self] assembly in
                assembly.addDoor(
                    ConsoleDoor(
                        executor: executor, directory: consoleDirectory, services: loginServices, tls: tls.console,
                        connectionIDs: connectionIDs, loginTimeoutMilliseconds: loginTimeout,
                        onRefused: { [self] peer, user, error in logRefusal(peer, user, error) },
                        onClosed: { [self] in consoleClients.left() }),
                    listener: opened.door)
            }
        }
    }

    private var consoleSource: ConsoleSource {
        let started = settings
        var source = ConsoleSource(
            clusters: clusters.map(\.consoleCluster), settings: { [weak self] in self?.settings ?? started },
            // The console lives on the lanes that the server owns: it must not keep the server alive.
            lanes: { [weak self] in self?.laneSnapshots() ?? [] },
            clientCount: { [weak self] in self?.clientCount ?? 0 },
            encryptionFigures: { [weak self] in self?.tls.figures ?? [] },
            consoleClientCount: { [weak self] in self?.consoleClients.now ?? 0 }, laneCount: lanes.count,
            residentBytes: { ProcessMemory.residentBytes },
            monotonicMilliseconds: { Int64(MonotonicClock.nanoseconds() / 1_000_000) },
            endSession: { [weak self] id, admin in self?.endSession(id, for: admin) ?? false },
            setDraining: { [weak self] cluster, node, isDraining, admin in
                self?.setDraining(cluster, node, isDraining, for: admin) ?? false
            },
            pauseCluster: { [weak self] cluster, seconds, admin in
                self?.pause(cluster, seconds: seconds, for: admin) ?? false
            },
            resumeCluster: { [weak self] cluster, admin in self?.resume(cluster, for: admin) ?? false })
        source.laneFigures = { [weak self] in self?.laneFigures() ?? [] }
        source.version = Version.current
        source.settingsControl = ServerSettings(self)
        source.digests = { [weak self] in self?.digests() ?? [] }
        source.resetDigests = { [weak self] admin in self?.resetDigests(for: admin) ?? 0 }
        source.errors = loginServices.errors
        return source
    }

    // MARK: Changes

    /// Ends a client's session on whichever lane it is; false when no lane that answers within a second has it.
    private func endSession(_ id: UInt32, for admin: ConsoleSession) -> Bool {
        let found = FoundSession()
        let done = DispatchGroup()
        for assembly in lanes {
            done.enter()
            assembly.onLane { assembly in
                if assembly.allClusters.contains(where: { $0.endSession(id) }) { found.set() }
                done.leave()
            }
        }
        _ = done.wait(timeout: .now() + .seconds(1))
        guard found.isSet else { return false }
        log("console: session killed", admin, ["session": "\(id)"])
        return true
    }

    private func setDraining(_ cluster: String, _ node: NodeID, _ isDraining: Bool, for admin: ConsoleSession) -> Bool {
        guard let watcher = clusters.first(where: { $0.name == cluster })?.watcher else { return false }
        let isNew = isDraining ? watcher.drain(node, by: admin.order) : watcher.enable(node, by: admin.order)
        guard isNew else { return false }
        awaitLanes()
        let name = watcher.currentTable.entry(node)?.name ?? ""
        log(
            isDraining ? "console: node drained" : "console: node enabled", admin,
            ["cluster": "\(cluster)", "node": "\(name)"])
        return true
    }

    /// When this returns, no lane lets a write or a transaction begin any more, unless it did not answer within a second.
    private func pause(_ cluster: String, seconds: Int, for admin: ConsoleSession) -> Bool {
        guard let watcher = clusters.first(where: { $0.name == cluster })?.watcher else { return false }
        watcher.pause(seconds: seconds, by: admin.order)
        awaitLanes()
        log("console: cluster paused", admin, ["cluster": "\(cluster)", "seconds": "\(seconds)"])
        return true
    }

    private func resume(_ cluster: String, for admin: ConsoleSession) -> Bool {
        guard let watcher = clusters.first(where: { $0.name == cluster })?.watcher,
            watcher.resume(by: admin.order)
        else { return false }
        log("console: cluster resumed", admin, ["cluster": "\(cluster)"])
        return true
    }

    /// Waits until the lanes have taken up what was published before, for a second at most.
    func awaitLanes() {
        let done = DispatchGroup()
        for assembly in lanes {
            done.enter()
            assembly.onLane { _ in done.leave() }
        }
        _ = done.wait(timeout: .now() + .seconds(1))
    }

    func log(_ what: Logger.Message, _ admin: ConsoleSession, _ metadata: Logger.Metadata) {
        let who: Logger.Metadata = ["user": "\(admin.user)", "connection": "\(admin.connectionID)"]
        logger.notice(what, metadata: metadata.merging(who) { mine, _ in mine })
    }
}

extension ClusterRuntime {
    var consoleCluster: ConsoleCluster {
        let watcher = watcher
        let link = link
        return ConsoleCluster(
            name: name, table: { watcher.currentTable }, history: { watcher.history() },
            observations: { watcher.observations }, members: { watcher.members },
            accounts: { (watcher.accounts, watcher.accountsFailure) }, counters: link.counters, failover: link.failover,
            outcomes: link.outcomes,
            limits: {
                let link = self.link
                return ConsoleClusterLimits(
                    connectionsPerNode: link.poolSettings.connectionsPerNode,
                    holdTimeoutMilliseconds: link.settings.holdTimeoutMilliseconds)
            })
    }
}

extension ConsoleSession {
    /// What an admin asks for now.
    fileprivate var order: AdminOrder {
        AdminOrder(
            user: user, connectionID: connectionID, unixMilliseconds: WallClockTime.now().millisecondsSince1970)
    }
}

/// Whether any lane had the session.
private final class FoundSession: Sendable {
    private let found = Atomic<Bool>(false)
    var isSet: Bool { found.load(ordering: .relaxed) }
    func set() { found.store(true, ordering: .relaxed) }
}
