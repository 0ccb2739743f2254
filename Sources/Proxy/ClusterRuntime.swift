// One cluster while the proxy runs: its watcher, its accounts, and its link to the lanes.
internal import Backend
internal import Configuration
internal import Frontend
internal import Logging
internal import Network
internal import Synchronization
internal import Topology

/// Watches one cluster and keeps every lane informed.
final class ClusterRuntime: Sendable {
    let name: String
    let directory: AccountDirectory
    let watcher: Watcher
    private let linked: Mutex<ClusterLink>
    private let lanes: [LaneAssembly]
    private let mirroring: Mirroring

    init(
        _ settings: ClusterSettings, in all: Settings, tls: ServerTLS?, budget: ConnectionBudget, lanes: [LaneAssembly],
        logger: Logger, slowLog: SlowLog
    ) {
        let name = settings.name
        self.name = name
        self.lanes = lanes
        // The watcher is made last, but the link must be able to reach it.
        let reach = WatcherReach()
        let mirroring = Mirroring(all.users == nil)
        self.mirroring = mirroring
        let refresh: @Sendable (@escaping @Sendable () -> Void) -> Void = { completion in
            guard let watcher = reach.watcher else { return completion() }
            watcher.refreshAccounts(completion)
        }
        let directory = AccountDirectory(
            accounts: all.users.map { $0.map(\.account) }, refresh: refresh,
            isMirrored: all.users == nil)
        self.directory = directory
        let link = ClusterLink(
            name: name, settings: all.sessionSettings(settings), poolSettings: all.poolSettings(settings, tls, budget),
            probeNow: { reach.watcher?.probeNow($0) }, accountRefused: { reach.watcher?.refreshAccounts() },
            positionLost: { position, primary in reach.watcher?.notePositionLost(position, primary) }, slowLog: slowLog)
        let unbound = link.unbound
        linked = Mutex(link)
        watcher = Watcher(
            cluster: name, seeds: settings.seeds, monitorUser: settings.monitor.user,
            monitorPassword: settings.monitor.password, tls: settings.tls.probing, policy: settings.policy,
            intervals: settings.intervals,
            logger: logger,
            publish: { table, _ in
                for assembly in lanes { assembly.onLane { $0.cluster(name)?.adopt(table) } }
            },
            accountsPublished: { accounts in
                mirroring.ifOn { directory.replace(accounts.map(\.account)) }
                unbound.replace(Set(accounts.lazy.filter(\.bypassesReadOnly).map(\.user)))
            })
        reach.set(watcher)
    }

    /// What the lanes know of the cluster.
    var link: ClusterLink { linked.withLock { $0 } }

    /// Puts other settings in force: the lanes hear of it by mailbox.
    func adopt(_ settings: ClusterSettings, in all: Settings, from before: Settings, tls: ServerTLS?) {
        let link = linked.withLock { link in
            link = ClusterLink(
                link, settings: all.sessionSettings(settings),
                poolSettings: all.poolSettings(settings, tls, link.poolSettings.budget))
            return link
        }
        let name = name
        for assembly in lanes { assembly.onLane { $0.cluster(name)?.adopt(link) } }
        if all.users != before.users { adoptUsers(all.users) }
        watcher.adopt(
            seeds: settings.seeds, monitorUser: settings.monitor.user, monitorPassword: settings.monitor.password,
            tls: settings.tls.probing, policy: settings.policy, intervals: settings.intervals)
    }

    private func adoptUsers(_ users: [UserSettings]?) {
        let accounts = users.map { $0.map(\.account) } ?? watcher.accounts.map(\.account)
        mirroring.set(users == nil) { directory.replace(accounts, isMirrored: users == nil) }
    }

    /// How many nodes of other settings are no members yet.
    func newNodes(in settings: ClusterSettings) -> Int {
        let known = Set(watcher.members.flatMap { [$0.address] + $0.aliases })
        return settings.seeds.count { !known.contains($0.address) }
    }
}

/// Whether the accounts come from the primary. A list that was read before that changed must not replace the others.
private final class Mirroring: Sendable {
    private let held: Mutex<Bool>
    init(_ isOn: Bool) { held = Mutex(isOn) }
    func ifOn(_ work: () -> Void) { held.withLock { if $0 { work() } } }
    func set(_ isOn: Bool, _ work: () -> Void) {
        held.withLock { held in
            held = isOn
            work()
        }
    }
}

/// A watcher that is set once, after those who need it were made.
private final class WatcherReach: Sendable {
    private let held = Mutex<Watcher?>(nil)
    var watcher: Watcher? { held.withLock { $0 } }
    func set(_ watcher: Watcher) { held.withLock { $0 = watcher } }
}
