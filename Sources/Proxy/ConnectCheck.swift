// What `switchyard check --connect` finds at the nodes of the settings, in lines for people.
package import Configuration
internal import Topology

/// Looks at every node of every cluster with the monitor account.
package enum ConnectCheck {
    /// The seconds that one node may take.
    package static let secondsRange = 1...60
    /// Without another word.
    package static let secondsDefault = 5

    /// What was found.
    package struct Report: Sendable {
        /// In order, without secrets: what was found, then the statements to run.
        package let lines: [String]
        /// How many lines tell of a problem.
        package let problems: Int
    }

    /// Connects. Blocks for a few times `seconds` for each cluster at most.
    ///
    /// - Parameter seconds: the time for one node; those of a cluster are looked at together.
    package static func run(_ settings: Settings, seconds: Int) -> Report {
        let options = ExaminationOptions(
            mirrorsAccounts: settings.users == nil, budgetMilliseconds: Int64(seconds) * 1_000)
        var lines: [String] = []
        var problems = 0
        for cluster in settings.clusters {
            var options = options
            options.discovers = cluster.discover
            let found = ClusterExaminer.examine(
                cluster: cluster.name, seeds: cluster.seeds, monitorUser: cluster.monitor.user,
                monitorPassword: cluster.monitor.password, tls: cluster.tls.probing, policy: cluster.policy,
                options: options)
            problems += found.problems
            lines += found.lines
        }
        return Report(lines: lines, problems: problems)
    }
}

extension ClusterExamination {
    fileprivate var lines: [String] {
        var lines = findings.map { finding in
            let place = finding.node.map { "node \($0)" } ?? "cluster \(cluster)"
            let severity = finding.severity == .fact ? "" : "\(finding.severity.rawValue): "
            return "\(place): \(severity)\(finding.text)"
        }
        for grant in grants {
            // Where the accounts are replicated, once on the primary is enough.
            lines.append("-- lacking on \(grant.nodes.joined(separator: ", ")):")
            lines.append("\(grant.sql);")
        }
        return lines
    }
}
