// The whole of one settings file after validation: an immutable value that can be handed to any thread.

/// Everything a settings file says, validated and with defaults filled in.
package struct Settings: Sendable, Equatable {
    /// The replicated clusters, at least one, with unique names.
    package var clusters: [ClusterSettings]
    /// The addresses clients connect to, at least one, with unique names and addresses.
    package var listeners: [ListenerSettings]
    /// The accounts clients may use; `nil` means that they are mirrored from the primary.
    package var users: [UserSettings]?
    /// The SQL console; `nil` when it is not wanted.
    package var console: ConsoleSettings?
    /// The HTTP endpoint (metrics, health, dashboard); `nil` when it is not wanted.
    package var http: HTTPSettings?
    /// Upper bounds on connections, queues, packets and times.
    package var limits: LimitSettings
    /// What is logged and how a line looks.
    package var log: LogSettings
    /// The number of event loops; `nil` means one per processor that there is time for.
    package var lanes: Int?
    /// The zone this proxy runs in; nodes of the same zone are preferred for reads.
    package var zone: String?
    /// The zones whose nodes are preferred next, the nearest first.
    package var zoneOrder: [String] = []

    /// What the sessions of single users begin with.
    package var policies: [PolicySettings] = []

    /// Builds settings in code, for tests and the quickstart. Nothing is validated here.
    package init(
        clusters: [ClusterSettings], listeners: [ListenerSettings], users: [UserSettings]? = nil,
        console: ConsoleSettings? = nil, http: HTTPSettings? = nil, limits: LimitSettings = LimitSettings(),
        log: LogSettings = LogSettings(), lanes: Int? = nil, zone: String? = nil
    ) {
        self.clusters = clusters
        self.listeners = listeners
        self.users = users
        self.console = console
        self.http = http
        self.limits = limits
        self.log = log
        self.lanes = lanes
        self.zone = zone
    }
}
