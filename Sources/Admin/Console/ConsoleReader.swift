// What others than clients of the console may read and do on the console's queue.
package import Topology

/// Valid during one turn of the queue. What it reads is of one moment, until it runs a statement.
package struct ConsoleReader {
    private let snapshots: ConsoleSnapshots
    private let status: ConsoleServiceStatus
    private let execute: (String, ConsoleSession) -> Result<ConsoleResult, ConsoleError>

    init(
        snapshots: ConsoleSnapshots, status: ConsoleServiceStatus,
        execute: @escaping (String, ConsoleSession) -> Result<ConsoleResult, ConsoleError>
    ) {
        self.snapshots = snapshots
        self.status = status
        self.execute = execute
    }

    /// Every figure.
    package func figures() -> [FigureReading] { snapshots.figures(status) }

    /// The clusters, in the order of the settings.
    package var clusters: [ConsoleCluster] { snapshots.source.clusters }

    /// The routing table of a cluster.
    package func table(of cluster: ConsoleCluster) -> RoutingTable { snapshots.table(of: cluster) }

    /// An event as the table `routing_history` has it.
    package func row(of event: RoutingEvent) -> [ConsoleValue] { ConsoleTable.routingHistoryRow(event) }

    /// Runs a statement of the console on behalf of an admin.
    package func run(_ text: String, session: ConsoleSession) -> Result<ConsoleResult, ConsoleError> {
        execute(text, session)
    }
}
