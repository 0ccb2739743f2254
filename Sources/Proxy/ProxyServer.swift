// The composition root: builds everything from the settings, starts it, drains it.
package import Configuration
internal import Dispatch
internal import Frontend
package import Logging
internal import Network
internal import Routing
internal import Security
internal import Synchronization
internal import Telemetry
package import Topology

/// Why the proxy could not start, for the operator.
package struct ProxyStartError: Error, CustomStringConvertible, Sendable {
    package let description: String
    init(_ description: String) { self.description = description }
}

/// A running proxy. `start` once, then `drain` or `stop`.
package final class ProxyServer: Sendable {
    /// What it was started with; what that leaves to the machine is filled in.
    package let settings: Settings
    private let machine: MachineLimits
    let logger: Logger
    let lanes: [LaneAssembly]
    let clusters: [ClusterRuntime]
    private let group: LaneGroup
    private let resolver = Resolver()
    let connectionIDs = ConnectionIDs()
    let tls: TLSSources
    let loginServices: LoginServices
    private let clients = ClientCount()
    let consoleClients = ClientCount()
    private let stopped = Atomic<Bool>(false)
    private let listeners = Mutex<[Listener]>([])
    private let refusals = LogThrottle(seconds: 10)

    /// Builds everything; nothing listens and nothing is probed yet.
    package init(settings: Settings, logger: Logger) {
        CryptoLibrary.prepare()
        let machine = MachineLimits.current()
        let settings = settings.fitted(to: machine)
        self.machine = machine
        self.settings = settings
        self.logger = logger
        loginServices = LoginServices(
            worker: LoginWorker(), throttle: LoginThrottle(settings.limits.loginThrottle),
            onThrottled: { address in
                logger.warning(
                    "logins refused: too many failed (limits.login_failures)",
                    metadata: ["address": "\(address)", "milliseconds": "\(settings.limits.loginRefusalMilliseconds)"])
            })
        group = LaneGroup(count: settings.lanes ?? machine.lanes)
        let lanes = group.lanes.map(LaneAssembly.init(lane:))
        self.lanes = lanes
        let tls = TLSSources(settings, logger: logger)
        self.tls = tls
        let budget = settings.connectionBudget
        clusters = settings.clusters.map {
            ClusterRuntime(
                $0, in: settings, tls: tls.cluster($0.name), budget: budget, lanes: lanes, logger: logger)
        }
    }

    // MARK: Starting

    /// Opens the listeners and starts to watch. When a listener cannot be opened, none stays open.
    package func start() throws(ProxyStartError) {
        if let failure = tls.failure { throw failure }
        tls.warnOfExpired()
        logMachine()
        for assembly in lanes {
            for cluster in clusters { addCluster(cluster, to: assembly) }
        }
        do throws(ProxyStartError) {
            for (index, listener) in settings.listeners.enumerated() { try open(listener, index) }
            if let console = settings.console { try openConsole(console, door: settings.listeners.count) }
        } catch {
            closeListeners()
            throw error
        }
        for cluster in clusters { cluster.watcher.start() }
        for listener in listeners.withLock({ $0 }) { listener.start() }
        watchCertificates()
    }

    /// What the defaults were made from.
    private func logMachine() {
        var metadata: Logger.Metadata = ["lanes": "\(lanes.count)", "clients": "\(settings.limits.clients)"]
        for fact in machine.facts { metadata[fact.name] = "\(fact.value)" }
        logger.info("limits of the machine", metadata: metadata)
        if let shortage = settings.shortage(on: machine) { logger.warning("\(shortage)") }
    }

    /// Reads certificates and keys again, for the handshakes to come.
    package func reloadCertificates() { tls.reload() }

    private func watchCertificates() {
        DispatchQueue.global(qos: .utility).asyncAfter(deadline: .now() + .seconds(TLSSources.watchSeconds)) {
            [weak self] in
            guard let self, !self.stopped.load(ordering: .relaxed) else { return }
            self.tls.reloadChanged()
            self.watchCertificates()
        }
    }

    private func addCluster(_ cluster: ClusterRuntime, to assembly: LaneAssembly) {
        let resolver = resolver
        assembly.onLane { assembly in
            assembly.addCluster(
                LaneCluster(
                    lane: assembly.lane, link: cluster.link, resolver: resolver, table: cluster.watcher.currentTable))
        }
    }

    private func open(_ listener: ListenerSettings, _ index: Int) throws(ProxyStartError) {
        guard let cluster = clusters.first(where: { $0.name == listener.cluster }) else {
            throw ProxyStartError("listener '\(listener.name)' names no cluster of the settings")
        }
        let userPolicies = settings.userPolicies
        for assembly in lanes {
            assembly.onLane { [self] assembly in
                guard let link = assembly.cluster(cluster.name) else { return }
                assembly.addDoor(
                    ProxyDoor(
                        cluster: link, policy: listener.policy, userPolicies: userPolicies,
                        directory: cluster.directory,
                        services: loginServices, tls: tls.listener(listener.name), connectionIDs: connectionIDs,
                        compression: Set(listener.compression.map(\.algorithm)),
                        compressionThreshold: settings.limits.compressionThresholdBytes,
                        serverVersion: listener.serverVersion, isTrustedProxy: listener.isTrustedProxy,
                        causal: listener.causal,
                        onRefused: { [self] peer, user, error in logRefusal(peer, user, error) },
                        onClosed: { [self] in clients.left() }),
                    listener: index)
            }
        }
        try listen(
            listener.bind, name: listener.name, door: index, limit: settings.limits.clients, counting: clients)
    }

    /// Listens for a door that was given to every lane; clients beyond `limit` of `clients` are refused.
    func listen(
        _ bind: NodeAddress, name: String, door: Int, limit: Int, counting clients: ClientCount
    ) throws(ProxyStartError) {
        let address = try bind.bindAddress()
        do throws(ListenError) {
            let listener = try Listener(address) { [self] descriptor, peer in
                let count = clients.came()
                let assembly = lanes[group.next().number]
                assembly.onLane { assembly in
                    assembly.accept(
                        descriptor, peer: peer, listener: door, limit: count > limit ? limit : nil,
                        onRefused: { clients.left() })
                }
            }
            listeners.withLock { $0.append(listener) }
            logger.info("listening", metadata: ["listener": "\(name)", "address": "\(listener.address)"])
        } catch {
            throw ProxyStartError("listener '\(name)': \(error)")
        }
    }

    func logRefusal(_ peer: String, _ user: String?, _ error: ProxyError) {
        guard case .write(let suppressed) = refusals.admit("\(error.code) \(user ?? "")") else { return }
        var metadata: Logger.Metadata = ["peer": "\(peer)", "error": "\(error.message)"]
        if let user { metadata["user"] = "\(user)" }
        if suppressed > 0 { metadata["suppressed"] = "\(suppressed)" }
        logger.notice("login refused", metadata: metadata)
    }

    // MARK: What others may know

    /// Clients connected now, of all listeners; those of the console are not counted.
    package var clientCount: Int { clients.now }

    /// The addresses that are listened on, in the order of the settings, the console last.
    package var addresses: [String] { listeners.withLock { $0.map { "\($0.address)" } } }

    /// The newest routing table of a cluster.
    package func routingTable(_ cluster: String) -> RoutingTable? {
        clusters.first { $0.name == cluster }?.watcher.currentTable
    }

    /// The kept events of a cluster, oldest first; empty for a cluster that is not served.
    package func routingHistory(_ cluster: String) -> [RoutingEvent] {
        clusters.first { $0.name == cluster }?.watcher.history() ?? []
    }

    /// Copies of what lives on the lanes. A lane that does not answer within a second is left out.
    func laneSnapshots() -> [LaneSnapshot] {
        let gathered = Gathered()
        let done = DispatchGroup()
        for assembly in lanes {
            done.enter()
            assembly.onLane { assembly in
                gathered.add(assembly.allClusters.map { $0.snapshot() })
                done.leave()
            }
        }
        _ = done.wait(timeout: .now() + .seconds(1))
        return gathered.all
    }

    // MARK: Ending

    /// Stops to accept, lets running statements and transactions end, and ends what is left when the longest
    /// `drain_timeout` is over. Returns whether all ended by themselves. Blocks.
    package func drain() -> Bool {
        closeListeners()
        let timeout = settings.clusters.map(\.drainTimeoutMilliseconds).max() ?? 0
        let deadline = MonotonicClock.nanoseconds() + UInt64(timeout) * 1_000_000
        for assembly in lanes { assembly.onLane { $0.drain() } }
        while clientCount > 0 && MonotonicClock.nanoseconds() < deadline { pause(milliseconds: 20) }
        let ended = clientCount == 0
        stop()
        return ended
    }

    /// Ends everything at once. Can be called any number of times.
    package func stop() {
        guard !stopped.exchange(true, ordering: .acquiringAndReleasing) else { return }
        closeListeners()
        for assembly in lanes {
            assembly.onLane { assembly in
                for cluster in assembly.allClusters { cluster.endAll() }
                assembly.endConsoleClients()
            }
        }
        for cluster in clusters { cluster.watcher.stop() }
        // The lanes have run what was posted before, and have said goodbye to clients and servers.
        pause(milliseconds: 50)
        group.stop()
    }

    private func closeListeners() {
        for listener in listeners.withLock({ $0 }) { listener.close() }
    }

    private func pause(milliseconds: Int) {
        _ = DispatchSemaphore(value: 0).wait(timeout: .now() + .milliseconds(milliseconds))
    }
}

/// Snapshots on their way from several lanes to one reader.
private final class Gathered: Sendable {
    private let snapshots = Mutex<[LaneSnapshot]>([])
    func add(_ more: [LaneSnapshot]) { snapshots.withLock { $0 += more } }
    var all: [LaneSnapshot] { snapshots.withLock { $0 } }
}
