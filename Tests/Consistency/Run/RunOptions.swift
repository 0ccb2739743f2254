// What a run consists of.

package import ConsistencyChecker
package import LocalCluster

/// The shape of a run.
package struct RunOptions: Sendable {
    /// What the proxy is told about reads on replicas.
    package enum Mode: String, Sendable, CaseIterable {
        case session, global, none
    }

    package var flavor = LocalCluster.Options.Flavor.mariaDB
    package var sessions = 40
    package var connectionsPerNode = 4
    package var operations = 8_000
    package var seed: UInt64 = 1
    /// With `none` the checker demands what it does with `session`: stale reads are to be found.
    package var mode = Mode.session
    package var plant: Plant?
    /// The primary changes so often, spread over the run.
    package var switchovers = 0
    package var lanes = 2
    package var ignored: Set<Rule> = []
    /// Further keys of the proxy's settings under `limits`.
    package var limits: [String: String] = [:]

    package init() {}

    /// How many sessions may be held to connections at once, with room for the others of their lane.
    var pinned: Int { max(1, connectionsPerNode / lanes / 2) }
}
