// The composition root: builds everything from the settings, starts it, drains it.
internal import Admin
internal import Backend
package import Configuration
internal import Dashboard
internal import Dispatch
internal import Frontend
package import Logging
internal import Network
internal import Routing
internal import Security
internal import Synchronization
package import Telemetry
package import Topology

/// Why the proxy could not start, for the operator.
package struct ProxyStartError: Error, CustomStringConvertible, Sendable {
    package let description: String
    init(_ description: String) { self.description = description }
}

/// A running proxy. `start` once, then `drain` or `stop`.
package final class ProxyServer: Sendable {
    /// The settings in force and those before them.
    let ledger: Mutex<SettingsLedger>
    /// Held while a change is made: one at a time.
    let changing = Mutex<Void>(())
    let machine: MachineLimits
    /// How the log is written; nil where that is somebody else's business.
    let log: LogConfiguration?
    let budget: ConnectionBudget
    let consoleDirectory: AccountDirectory
    private let clientLimit: Atomic<Int>
    private let lastDoor = Atomic<Int>(0)
    let logger: Logger
    let lanes: [LaneAssembly]
    let clusters: [ClusterRuntime]
    private let group: LaneGroup
    private let resolver = Resolver()
    let connectionIDs = ConnectionIDs()
    let tls: TLSSources
    let loginServices: LoginServices
    /// Statements that take long, of all clusters.
    let slowLog: SlowLog
    let clients = ClientCount()
    let consoleClients = ClientCount()
    private let stopped = Atomic<Bool>(false)
    private let draining = Atomic<Bool>(false)
    /// The HTTP endpoint: it is open until everything else has ended, so that it can say what goes on.
    let http = Mutex<HTTPFront?>(nil)
    let listeners = Mutex<[OpenListener]>([])
    /// Sockets of the process whose place this one takes, until somebody here listens with them.
    let inherited: Mutex<InheritedListeners?>
    /// How far this process is with giving its place to another.
    let handOver = HandOverState()
    /// Whether the process whose place this one took still serves its last sessions.
    let followsPredecessor = Atomic<Bool>(false)
    let refusals = LogThrottle(seconds: 10)

    /// Builds everything; nothing listens and nothing is probed yet.
    ///
    /// - Parameters:
    ///   - document: where the settings were read from; without it they cannot be changed later.
    ///   - log: how the process's log is written, if the settings are to rule it.
    ///   - predecessor: the process whose place this one takes.
    package init(
        settings: Settings, document: SettingsDocument? = nil, log: LogConfiguration? = nil, logger: Logger,
        predecessor: Predecessor? = nil
    ) {
        inherited = Mutex(predecessor?.inherited)
        CryptoLibrary.prepare()
        let machine = MachineLimits.current()
        let settings = settings.fitted(to: machine)
        self.machine = machine
        ledger = Mutex(
            SettingsLedger(
                settings, document: document, unixMilliseconds: WallClockTime.now().millisecondsSince1970,
                fit: { $0.fitted(to: machine) }))
        self.log = log
        self.logger = logger
        clientLimit = Atomic(settings.limits.clients)
        consoleDirectory = AccountDirectory(accounts: settings.console?.users.map(\.account) ?? [])
        let throttle = LoginThrottle(settings.limits.loginThrottle)
        let slowLog = SlowLog(settings.log, logger)
        self.slowLog = slowLog
        loginServices = LoginServices(
            worker: LoginWorker(), throttle: throttle,
            errors: ErrorHistory(logger),
            onThrottled: { address in
                logger.warning(
                    "logins refused: too many failed (limits.login_failures)",
                    metadata: ["address": "\(address)", "milliseconds": "\(throttle.settings.refusalMilliseconds)"])
            })
        group = LaneGroup(count: settings.lanes ?? machine.lanes)
        let lanes = group.lanes.map(LaneAssembly.init(lane:))
        self.lanes = lanes
        let tls = TLSSources(settings, logger: logger)
        self.tls = tls
        let budget = settings.connectionBudget
        self.budget = budget
        clusters = settings.clusters.map {
            ClusterRuntime(
                $0, in: settings, tls: tls.cluster($0.name), budget: budget, lanes: lanes, logger: logger,
                slowLog: slowLog)
        }
    }

    // MARK: Starting

    /// Opens the listeners and starts to watch and to accept. When a listener cannot be opened, none stays open.
    package func start() throws(ProxyStartError) {
        try prepare()
        accept()
    }

    /// The first half of `start`: nobody is accepted yet; who comes waits in the sockets' queues.
    package func prepare() throws(ProxyStartError) {
        if let failure = tls.failure { throw failure }
        tls.warnOfExpired()
        logMachine()
        for assembly in lanes {
            for cluster in clusters { addCluster(cluster, to: assembly) }
        }
        do throws(ProxyStartError) {
            for listener in settings.listeners {
                let opened = try open(listener.bind, name: listener.name, door: nextDoor())
                addDoor(listener, opened.door, settings)
                listeners.withLock { $0.append(opened) }
            }
            if settings.console != nil || settings.http != nil {
                let executor = try makeConsoleExecutor()
                if let console = settings.console { try openConsole(console, executor) }
                if let http = settings.http { try openHTTP(http, executor) }
            }
        } catch {
            // The process that a socket comes from still listens with it.
            if inherited.withLock({ $0 }) == nil { closeListeners() } else { leaveListeners() }
            closeHTTP()
            throw error
        }
        for cluster in clusters { cluster.watcher.start() }
    }

    /// The second half.
    package func accept() {
        for opened in listeners.withLock({ $0 }) { opened.listener.start() }
        http.withLock { $0 }?.listener.start()
        watchCertificates()
    }

    /// What the defaults were made from.
    private func logMachine() {
        var metadata: Logger.Metadata = ["lanes": "\(lanes.count)", "clients": "\(settings.limits.clients)"]
        for fact in machine.facts { metadata[fact.name] = "\(fact.value)" }
        logger.info("limits of the machine", metadata: metadata)
        if let shortage = settings.shortage(on: machine) { logger.warning("\(shortage)") }
    }

    /// The settings in force; what they leave to the machine is filled in.
    package var settings: Settings { ledger.withLock { $0.current.settings } }

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

    /// A number for the door of a listener that was not there before.
    func nextDoor() -> Int { lastDoor.add(1, ordering: .relaxed).newValue }

    /// Clients of all listeners, from now on.
    func setClientLimit(_ limit: Int) { clientLimit.store(limit, ordering: .relaxed) }

    /// Gives every lane the door of a listener, in place of the one that it had.
    func addDoor(_ listener: ListenerSettings, _ door: Int, _ settings: Settings) {
        guard let cluster = clusters.first(where: { $0.name == listener.cluster }) else { return }
        let userPolicies = settings.userPolicies
        for assembly in lanes {
            assembly.onLane { [self] assembly in
                guard let link = assembly.cluster(cluster.name) else { return }
                assembly.addDoor(
                    ProxyDoor(
                        cluster: link, listener: door, policy: listener.policy, userPolicies: userPolicies,
                        directory: cluster.directory,
                        services: loginServices, tls: tls.listener(listener.name), connectionIDs: connectionIDs,
                        compression: Set(listener.compression.map(\.algorithm)),
                        compressionThreshold: settings.limits.compressionThresholdBytes,
                        serverVersion: listener.serverVersion, isTrustedProxy: listener.isTrustedProxy,
                        causal: listener.causal,
                        onRefused: { [self] peer, user, error in logRefusal(peer, user, error) },
                        onClosed: { [self] in clients.left() }),
                    listener: door)
            }
        }
    }

    /// Binds and listens for a door that every lane is given; nothing is accepted before the listener is started.
    /// Clients beyond the limit are refused.
    ///
    /// - Parameter name: the listener's; nil for the console.
    func open(_ bind: NodeAddress, name: String?, door: Int) throws(ProxyStartError) -> OpenListener {
        let address = try bind.bindAddress()
        let isConsole = name == nil
        let clients = isConsole ? consoleClients : clients
        do throws(ListenError) {
            let listener = try Listener(address, inherited: takeInherited(address, InheritedNames.listener(name))) {
                [self] descriptor, peer in
                let count = clients.came()
                let limit = isConsole ? ConsoleServiceLimits.clients : clientLimit.load(ordering: .relaxed)
                let assembly = lanes[group.next().number]
                assembly.onLane { assembly in
                    assembly.accept(
                        descriptor, peer: peer, listener: door, limit: count > limit ? limit : nil,
                        onRefused: { clients.left() })
                }
            }
            logger.info(
                "listening", metadata: ["listener": "\(name ?? "console")", "address": "\(listener.address)"])
            return OpenListener(name: name, door: door, bind: bind, listener: listener)
        } catch {
            throw ProxyStartError("\(name.map { "listener '\($0)'" } ?? "console"): \(error)")
        }
    }

    func logRefusal(_ peer: String, _ user: String?, _ error: ProxyError) {
        guard case .write(let suppressed) = refusals.admit("\(error.code) \(user ?? "")") else { return }
        var metadata: Logger.Metadata = ["id": "\(error.id)", "peer": "\(peer)", "error": "\(error.message)"]
        if let user { metadata["user"] = "\(user)" }
        if suppressed > 0 { metadata["suppressed"] = "\(suppressed)" }
        logger.notice("login refused", metadata: metadata)
    }

    // MARK: What others may know

    /// Whether clients are being let go, and new ones are served by nobody.
    var isDraining: Bool { draining.load(ordering: .relaxed) && !handOver.isGiven }

    /// Clients connected now, of all listeners; those of the console are not counted.
    package var clientCount: Int { clients.now }

    /// The addresses that are listened on, in the order of the settings, the console last; HTTP's is not among them.
    package var addresses: [String] {
        let open = listeners.withLock { $0 }
        let names = settings.listeners.map { String?.some($0.name) } + [nil]
        return names.flatMap { name in open.filter { $0.name == name }.map { "\($0.listener.address)" } }
    }

    /// Whether it ends.
    var isStopped: Bool { stopped.load(ordering: .relaxed) }

    /// The newest routing table of a cluster.
    package func routingTable(_ cluster: String) -> RoutingTable? {
        clusters.first { $0.name == cluster }?.watcher.currentTable
    }

    /// The kept events of a cluster, oldest first; empty for a cluster that is not served.
    package func routingHistory(_ cluster: String) -> [RoutingEvent] {
        clusters.first { $0.name == cluster }?.watcher.history() ?? []
    }

    /// Copies of what lives on the lanes. A lane that does not answer within a second is left out.
    func laneSnapshots() -> [LaneSnapshot] { gather { $0.snapshot() } }

    /// Figures of what lives on the lanes, likewise.
    func laneFigures() -> [LaneFigures] { gather { $0.figures() } }

    private func gather<Look: Sendable>(_ look: @escaping @Sendable (LaneCluster) -> Look) -> [Look] {
        let gathered = Gathered<Look>()
        let done = DispatchGroup()
        for assembly in lanes {
            done.enter()
            assembly.onLane { assembly in
                gathered.add(assembly.allClusters.map(look))
                done.leave()
            }
        }
        _ = done.wait(timeout: .now() + .seconds(1))
        return gathered.all
    }

    // MARK: Ending

    /// Stops to accept, lets running statements and transactions end, and ends what is left when the longest
    /// `drain_timeout` is over. Returns whether all ended by themselves. Blocks.
    ///
    /// - Parameter isHandedOver: another process listens with the same sockets and serves. Whoever asks how things are, or
    ///   steers, is to meet that one.
    package func drain(isHandedOver: Bool = false) -> Bool {
        draining.store(true, ordering: .relaxed)
        if isHandedOver { leaveListeners() } else { closeListeners() }
        let timeout = settings.clusters.map(\.drainTimeoutMilliseconds).max() ?? 0
        let deadline = MonotonicClock.nanoseconds() + UInt64(timeout) * 1_000_000
        for assembly in lanes { assembly.onLane { $0.drain(isHandedOver: isHandedOver) } }
        while clientCount > 0 && MonotonicClock.nanoseconds() < deadline { pause(milliseconds: 20) }
        let ended = clientCount == 0
        stop()
        return ended
    }

    /// Ends everything at once. Can be called any number of times.
    package func stop() {
        guard !stopped.exchange(true, ordering: .acquiringAndReleasing) else { return }
        closeListeners()
        closeHTTP()
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
        for opened in listeners.withLock({ $0 }) { opened.listener.close() }
    }

    private func leaveListeners() {
        for opened in listeners.withLock({ $0 }) { opened.listener.leave() }
        guard let front = http.withLock({ $0 }) else { return }
        front.listener.leave()
        front.server.finish()
    }

    private func pause(milliseconds: Int) {
        _ = DispatchSemaphore(value: 0).wait(timeout: .now() + .milliseconds(milliseconds))
    }
}

/// What was seen of several lanes, on its way to one reader.
private final class Gathered<Look: Sendable>: Sendable {
    private let looks = Mutex<[Look]>([])
    func add(_ more: [Look]) { looks.withLock { $0 += more } }
    var all: [Look] { looks.withLock { $0 } }
}

/// A listener that is listened on.
struct OpenListener: Sendable {
    /// As the settings name it; nil for the console.
    let name: String?
    /// The number of the door that its clients come through; the same when only its address changes.
    let door: Int
    let bind: NodeAddress
    let listener: Listener
}
