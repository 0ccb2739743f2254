// The console statements that the proxy itself executes: EXPLAIN ROUTE, KILL, DRAIN NODE and their like.
internal import Configuration
internal import Frontend
internal import Routing
internal import Topology

/// Executes commands through the closures of the source.
struct ConsoleProxyCommands: Sendable {
    let snapshots: ConsoleSnapshots

    /// The result of a command; nil for what is SQL.
    func answer(_ statement: ConsoleStatement, _ session: ConsoleSession) throws(ConsoleError) -> ConsoleResult? {
        switch statement {
        case .sql(let text):
            try checkIsNoSetting(text)
            return nil
        case .settings(let statement): return try answer(statement, session)
        case .explainRoute(let user, let schema, let cluster, let text):
            return try explain(text, user: user, schema: schema, cluster: cluster)
        case .kill(query: false, let id): return try kill(id, session)
        case .drainNode(let name): return try setDraining(name, true, session)
        case .enableNode(let name): return try setDraining(name, false, session)
        case .kill(query: true, _): throw notServed("KILL QUERY", instead: "KILL <id> ends the whole session")
        case .pauseCluster(let name, let seconds): return try pause(name, seconds, session)
        case .resumeCluster(let name):
            return .ok(affectedRows: snapshots.source.resumeCluster(try cluster(name).name, session) ? 1 : 0)
        case .resetDigests: return .ok(affectedRows: snapshots.source.resetDigests(session))
        case .showErrors: return ErrorRows.list(snapshots.source.errors.records())
        case .showError(let id): return try showError(id)
        case .reload: return try reload(session)
        }
    }

    /// 1235, ER_NOT_SUPPORTED_YET.
    private func notServed(_ what: String, instead: String?) -> ConsoleError {
        ConsoleError(
            code: 1235, sqlState: "42000",
            message: "\(what) is not served in this version" + (instead.map { "; \($0)" } ?? ""))
    }

    private func kill(_ id: UInt64, _ session: ConsoleSession) throws(ConsoleError) -> ConsoleResult {
        guard let short = UInt32(exactly: id), snapshots.source.endSession(short, session) else {
            throw ConsoleError(
                code: 1094, sqlState: "HY000",
                message: "Unknown thread id: \(id); the table sessions lists those there are")
        }
        return .ok(affectedRows: 1)
    }

    private func showError(_ id: String) throws(ConsoleError) -> ConsoleResult {
        // With the brackets that it has in a message, it is the same.
        let name = id.filter { $0 != "[" && $0 != "]" }
        guard let record = snapshots.source.errors.record(name) else {
            throw ConsoleError(
                code: 1105, sqlState: "HY000",
                message: "No error '\(name)' is kept; the table errors has the last ones, the log may have it")
        }
        let digest = record.origin.digest.flatMap { wanted in snapshots.digests.first { $0.digest == wanted } }
        return ErrorRows.explanation(record, digestText: digest?.text)
    }

    // MARK: Clusters

    private func pause(
        _ name: String, _ seconds: Int?, _ session: ConsoleSession
    ) throws(ConsoleError) -> ConsoleResult {
        let cluster = try cluster(name)
        let seconds = seconds ?? ClusterPause.defaultSeconds
        guard (1...ClusterPause.maximumSeconds).contains(seconds) else {
            throw ConsoleError(
                code: 1210, sqlState: "HY000",
                message: "A pause lasts from 1 to \(ClusterPause.maximumSeconds) seconds, not \(seconds)")
        }
        return .ok(affectedRows: snapshots.source.pauseCluster(cluster.name, seconds, session) ? 1 : 0)
    }

    private func cluster(_ name: String) throws(ConsoleError) -> ConsoleCluster {
        let clusters = snapshots.source.clusters
        if let cluster = clusters.first(where: { $0.name == name }) { return cluster }
        let known = clusters.map(\.name).joined(separator: ", ")
        throw ConsoleError(
            code: 1105, sqlState: "HY000", message: "Unknown cluster '\(name)'; the clusters are: \(known)")
    }

    // MARK: Nodes

    private func setDraining(
        _ name: String, _ isDraining: Bool, _ session: ConsoleSession
    ) throws(ConsoleError) -> ConsoleResult {
        let (cluster, node) = try find(name)
        return .ok(affectedRows: snapshots.source.setDraining(cluster, node, isDraining, session) ? 1 : 0)
    }

    /// The node called `name` or listening there; `cluster/name` when several clusters have one.
    private func find(_ name: String) throws(ConsoleError) -> (cluster: String, node: NodeID) {
        var found: [(cluster: String, node: NodeID)] = []
        var known: [String] = []
        for cluster in snapshots.source.clusters {
            for member in cluster.members() {
                known.append(member.name)
                let names = [member.name, member.address.description]
                if names.contains(name) || names.contains(where: { "\(cluster.name)/\($0)" == name }) {
                    found.append((cluster.name, member.id))
                }
            }
        }
        let shownNames = 20
        guard let first = found.first else {
            throw ConsoleError(
                code: 1105, sqlState: "HY000",
                message: "Unknown node '\(name)'; the nodes are: \(known.prefix(shownNames).joined(separator: ", "))")
        }
        guard found.count == 1 else {
            let clusters = found.map { "'\($0.cluster)/\(name)'" }.joined(separator: " or ")
            throw ConsoleError(
                code: 1105, sqlState: "HY000", message: "Several clusters have a node '\(name)'; write \(clusters)")
        }
        return first
    }

    // MARK: EXPLAIN ROUTE

    private func explain(
        _ text: String, user: String?, schema: String?, cluster name: String?
    ) throws(ConsoleError) -> ConsoleResult {
        let cluster = try cluster(name ?? snapshots.source.clusters.first?.name ?? "")
        let account = user.map { (name: $0, remark: remark(on: $0, cluster)) }
        let settings = snapshots.source.settings
        let explanation = RouteExplanation(
            statement: text, table: snapshots.table(of: cluster),
            holdTimeoutMilliseconds: cluster.holdTimeoutMilliseconds, account: account, schema: schema,
            preference: ReaderPreference(zone: settings.zone, order: settings.zoneOrder),
            nowMilliseconds: UInt64(max(snapshots.source.monotonicMilliseconds(), 0)))
        return .text(["item", "value"], explanation.rows.map { [.text($0.item), .text($0.value)] })
    }

    /// What is known of an account that bears on its statements.
    private func remark(on user: String, _ cluster: ConsoleCluster) -> String? {
        if let users = snapshots.source.settings.users {
            return users.contains { $0.name == user } ? nil : "no such account in the settings"
        }
        let accounts = cluster.accounts().accounts.filter { $0.user == user }
        if accounts.isEmpty { return "no such account on the primary, as far as is known" }
        return accounts.contains(where: \.bypassesReadOnly) ? "read_only does not bind this account" : nil
    }
}
