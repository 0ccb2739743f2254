// The upper bounds of the process and the shape of its log.

/// Upper bounds on connections, queues, packets and times. Times are whole milliseconds.
package struct LimitSettings: Sendable, Equatable {
    /// Client connections of the whole process.
    package var clients: Int
    /// Whether the settings name a number of them. Otherwise it is an upper bound, for a machine that has room for all.
    package var clientsAreGiven = false
    /// Server connections to one node, over all lanes.
    package var serverConnectionsPerNode: Int
    /// Server connections of the whole process; 0 for no limit of its own.
    package var serverConnections = 0
    /// Server connections of one account to one node, over all lanes; 0 for no limit of its own.
    package var serverConnectionsPerAccount = 0
    /// Idle server connections that one lane keeps to one node however long they idle, and opens when they are missing.
    package var minimumIdlePerLane = 0
    /// How long the others may idle.
    package var idleServerTimeoutMilliseconds = 60_000
    /// A server connection that is older is not used again.
    package var serverConnectionAgeMilliseconds = 3_600_000
    /// Sessions that may wait for a connection to one node whose limit is reached.
    package var waitingClients: Int
    /// The largest packet accepted from a client, in bytes, over all its frames.
    package var packetBytes: Int
    /// How long a client may take to log in.
    package var loginTimeoutMilliseconds: Int
    /// How long a client may be silent between two commands.
    package var idleTimeoutMilliseconds: Int
    /// How long opening a server connection may take, login included.
    package var connectTimeoutMilliseconds: Int
    /// Idle server connections that one lane keeps for one node.
    package var poolIdlePerLane: Int
    /// How long a session may wait for a connection to a node whose limit is reached.
    package var waitTimeoutMilliseconds: Int
    /// Failed logins of one address, without a good one among them, after which it is refused; 0 for never.
    package var loginFailures = 100
    /// The time within which they add up.
    package var loginFailureWindowMilliseconds = 60_000
    /// How long the address is refused then.
    package var loginRefusalMilliseconds = 60_000
    /// Host patterns of addresses that are never refused.
    package var loginTrusted: [String] = []
    /// Statements prepared on one node at once, over all lanes.
    package var preparedStatementsPerNode: Int
    /// On compressed connections, frames with fewer bytes are sent as they are.
    package var compressionThresholdBytes = 50

    /// Builds limits in code; every bound has the default that `config/complete.yaml` documents.
    package init(
        clients: Int = 10_000, serverConnectionsPerNode: Int = 1_000, waitingClients: Int = 1_000,
        packetBytes: Int = 1 << 30, loginTimeoutMilliseconds: Int = 10_000,
        idleTimeoutMilliseconds: Int = 28_800_000, connectTimeoutMilliseconds: Int = 3_000,
        poolIdlePerLane: Int = 64, waitTimeoutMilliseconds: Int = 10_000,
        preparedStatementsPerNode: Int = 16_000
    ) {
        self.clients = clients
        self.serverConnectionsPerNode = serverConnectionsPerNode
        self.waitingClients = waitingClients
        self.packetBytes = packetBytes
        self.loginTimeoutMilliseconds = loginTimeoutMilliseconds
        self.idleTimeoutMilliseconds = idleTimeoutMilliseconds
        self.connectTimeoutMilliseconds = connectTimeoutMilliseconds
        self.poolIdlePerLane = poolIdlePerLane
        self.waitTimeoutMilliseconds = waitTimeoutMilliseconds
        self.preparedStatementsPerNode = preparedStatementsPerNode
    }
}

/// What is logged and how a line looks.
package struct LogSettings: Sendable, Equatable {
    /// The least severe level that is written.
    package var level: LogLevel
    /// The shape of a line.
    package var format: LogFormat
    /// A statement that takes as long is written; nil for none.
    package var slowQueryMilliseconds: Int? = 1_000
    /// Whether it is written as it came, with its values, beside its digest.
    package var literals = false

    /// Builds log settings in code.
    package init(level: LogLevel = .info, format: LogFormat = .human) {
        self.level = level
        self.format = format
    }
}

/// A severity; the raw values are those of swift-log's `Logger.Level`.
package enum LogLevel: String, Sendable, CaseIterable {
    case trace, debug, info, notice, warning, error, critical
}

/// The shape of a log line.
package enum LogFormat: String, Sendable, CaseIterable {
    /// Words for people.
    case human
    /// One JSON object per line.
    case json
}
