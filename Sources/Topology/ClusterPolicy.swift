// The choices an admin can make about how a cluster is judged, as plain values.

/// Compares two positions: does the first cover the second? Nil when it cannot be told.
package typealias PositionCovers = @Sendable (String, String, ServerFlavor) -> Bool?

/// How `Evaluator` judges; the defaults are what an admin who configures nothing gets.
package struct ClusterPolicy: Sendable {
    /// What to do while a second node accepts writes.
    package enum TwoWritable: String, Sendable {
        /// Stay with the current primary and raise an alarm.
        case keep
        /// Close the gate until only one is left.
        case stop
    }

    /// What to do when a promoted node lacks transactions the old primary had.
    package enum LossyFailover: String, Sendable {
        /// Open the gate and record `lost_gtid`.
        case accept
        /// Keep the gate closed.
        case hold
    }

    /// What a writable node that replicates only from outside the cluster is.
    package enum ExternalSource: String, Sendable {
        /// The head of this cluster: it takes the writes.
        case primary
        /// A replica of the other cluster: it takes no writes.
        case replica
    }

    /// Whether writes need that this proxy reaches most of the nodes that the settings name.
    package enum Majority: String, Sendable {
        /// From three such nodes on, unless their servers form a group that has a majority of its own.
        case auto
        /// Always.
        case required
        /// Never.
        case ignore
    }

    /// What to do with a primary that does not answer the probes while its replicas show that it lives.
    package enum UnseenPrimary: String, Sendable {
        /// What is not seen is not written to.
        case close
        /// It stays the primary as long as a replica receives from it and nobody else accepts writes.
        case keep
    }

    /// Whether a proxy that is cut off from most nodes stops writing.
    package var majority = Majority.auto
    /// What a primary that only its replicas see leads to.
    package var unseenPrimary = UnseenPrimary.close
    /// With `keep`: how long ago a replica may have received something last.
    package var feedFreshMilliseconds: Int64 = 2_000
    /// What a second writable node leads to.
    package var twoWritable = TwoWritable.keep
    /// What a promoted node that lacks transactions leads to.
    package var lossyFailover = LossyFailover.accept
    /// What a writable node that replicates only from outside is.
    package var externalSource = ExternalSource.primary
    /// A replica further behind serves no reads.
    package var maxLagMilliseconds = 10_000
    /// Failed probes in a row that make a node `down`. A refused connection does it at once.
    package var failuresUntilDown = 2
    /// How long a former reader, or a primary that became read-only, goes on serving reads while replicas are
    /// re-pointed during a switchover.
    package var readGraceMilliseconds: Int64 = 3_000
    /// How long a replica that cannot reach a *living* source goes on serving reads.
    package var connectingGraceMilliseconds: Int64 = 10_000
    /// Channels that lead out of the cluster whatever their server id says (mariadb-operator numbers servers
    /// from 10 in every cluster, and calls the channel between clusters `multi-cluster`).
    package var externalChannelNames: Set<String> = ["multi-cluster"]
    /// Whether nodes nobody configured are looked for.
    package var discoversMembers = true
    /// Whether an admin paused the cluster.
    package var pausing = Pausing()
    /// Compares positions; the default knows MariaDB only.
    package var positionCovers: PositionCovers = GTIDPosition.covers

    /// The default policy.
    package init() {}
}
