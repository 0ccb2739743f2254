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
    let link: ClusterLink
    let directory: AccountDirectory
    let watcher: Watcher
    let settings: ClusterSettings

    init(
        _ settings: ClusterSettings, in all: Settings, tls: ServerTLS?, budget: ConnectionBudget, lanes: [LaneAssembly],
        logger: Logger
    ) {
        let name = settings.name
        self.name = name
        self.settings = settings
        // The watcher is made last, but the link must be able to reach it.
        let reach = WatcherReach()
        let isMirrored = all.users == nil
        let refresh: @Sendable (@escaping @Sendable () -> Void) -> Void = { completion in
            guard let watcher = reach.watcher else { return completion() }
            watcher.refreshAccounts(completion)
        }
        let directory = AccountDirectory(
            accounts: all.users.map { $0.map(\.account) }, refresh: isMirrored ? refresh : nil)
        self.directory = directory
        link = ClusterLink(
            name: name, settings: all.sessionSettings(settings), poolSettings: all.poolSettings(settings, tls, budget),
            probeNow: { reach.watcher?.probeNow($0) }, accountRefused: { reach.watcher?.refreshAccounts() },
            positionLost: { position, primary in reach.watcher?.notePositionLost(position, primary) })
        watcher = Watcher(
            cluster: name, seeds: settings.seeds, monitorUser: settings.monitor.user,
            monitorPassword: settings.monitor.password, tls: settings.tls.probing, policy: settings.policy,
            intervals: settings.intervals,
            logger: logger,
            publish: { table, _ in
                for assembly in lanes { assembly.onLane { $0.cluster(name)?.adopt(table) } }
            },
            accountsPublished: { accounts in
                if isMirrored { directory.replace(accounts.map(\.account)) }
            })
        reach.set(watcher)
    }
}

/// A watcher that is set once, after those who need it were made.
private final class WatcherReach: Sendable {
    private let held = Mutex<Watcher?>(nil)
    var watcher: Watcher? { held.withLock { $0 } }
    func set(_ watcher: Watcher) { held.withLock { $0 = watcher } }
}
