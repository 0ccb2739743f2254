// EXPLAIN ROUTE: the same classification and decision as traffic gets, told step by step.
internal import Routing
internal import SQL
internal import Topology

/// Why a statement of a new session would go where it goes.
struct RouteExplanation {
    /// Names and texts, in the order in which they are decided.
    let rows: [(item: String, value: String)]

    /// - Parameters:
    ///   - account: the account it is asked for, and what is remarkable about it.
    ///   - schema: the default schema; it does not choose a route, and is repeated only.
    ///   - preference: which zones are preferred; of which entries, is found out here.
    ///   - nowMilliseconds: of the clock that nodes' health is told by.
    init(
        statement: String, table: RoutingTable, holdTimeoutMilliseconds: UInt64 = 0,
        account: (name: String, remark: String?)? = nil, schema: String? = nil,
        preference: ReaderPreference = ReaderPreference(), nowMilliseconds: UInt64 = 0
    ) {
        var preference = preference
        preference.adopt(table, nowMilliseconds: nowMilliseconds)
        let preferred = preference.preferred(Self.candidates(table))
        let bytes = Array(statement.utf8)
        let traits = bytes.withUnsafeBytes { Classifier.classify($0, mode: Self.mode(of: table)) }
        let hinted = HintExplanation(bytes, traits, table)
        let decision = hinted.decision
        var rows: [(item: String, value: String)] = [
            ("cluster", table.cluster), ("session", "a new one, on a listener of mode split"),
        ]
        if let account { rows.append(("user", account.name + (account.remark.map { " (\($0))" } ?? ""))) }
        if let schema { rows.append(("schema", schema)) }
        rows += Self.classification(traits, bytes)
        rows += hinted.rows
        rows.append(("target", decision.target.rawValue))
        rows.append(("route reason", decision.reason.text))
        rows.append(("repeatable", decision.isRepeatable ? "yes" : "no"))
        rows += Self.gate(table)
        rows.append(("epoch", "\(table.epoch)"))
        rows.append(
            ("runs on", hinted.node ?? Self.outcome(traits, decision, table, preferred, holdTimeoutMilliseconds)))
        guard traits.effects.isDisjoint(with: [.kills, .namesProxyVariable]) else {
            self.rows = rows
            return
        }
        rows += table.entries.indices.map { index in
            let isPreferred = preferred & Self.bit(index) != 0
            let reserve = isPreferred ? nil : preference.shuns(index) ? "not well" : "of a further zone"
            return ("node \(table.entries[index].name)", Self.verdict(on: index, decision, table, reserve: reserve))
        }
        self.rows = rows
    }

    /// How the text is read: as the server whose version clients see would.
    private static func mode(of table: RoutingTable) -> SQLMode {
        let server = table.primary ?? table.entries.first { !$0.serverVersion.isEmpty }
        let version = server.flatMap { ServerVersion($0.serverVersion) }
        return SQLMode(
            dialect: server?.flavor == .mySQL ? .mySQL : .mariaDB,
            serverVersion: version.map { UInt32(clamping: $0.major * 10_000 + $0.minor * 100 + $0.patch) })
    }

    private static func classification(
        _ traits: StatementTraits, _ statement: [UInt8]
    ) -> [(item: String, value: String)] {
        var rows: [(item: String, value: String)] = [
            ("kind", words("\(traits.kind)")), ("access", words("\(traits.access)")), ("reason", traits.reason.text),
        ]
        let start = Int(traits.decidingOffset)
        let end = min(start + Int(traits.decidingLength), statement.count)
        if start < end {
            let shown = statement[start..<min(end, start + ConsoleServiceLimits.quotedBytes)]
            rows.append(("deciding text", "\(String(decoding: shown, as: UTF8.self)) (at byte \(start))"))
        }
        if traits.statementCount > 1 { rows.append(("statements", "\(traits.statementCount)")) }
        rows.append(("transaction", words("\(traits.transaction)")))
        let effects = traits.effects.names
        rows.append(("effects", effects.isEmpty ? "none" : effects.joined(separator: ", ")))
        rows.append(("pins", pins(traits)))
        return rows
    }

    /// What would hold the session to its connection afterwards, and what would release it.
    private static func pins(_ traits: StatementTraits) -> String {
        let left = SessionPins.left(by: traits)
        let rules = zip(left.names, left.releaseRules).map { "\($0), until: \($1)" }
        return rules.isEmpty ? "none" : rules.joined(separator: "; ")
    }

    /// `beginReadOnly` as `begin read only`.
    private static func words(_ name: String) -> String {
        var text = ""
        for character in name where character != "_" {
            if character.isUppercase { text += " " }
            text += character.lowercased()
        }
        return text
    }

    private static func gate(_ table: RoutingTable) -> [(item: String, value: String)] {
        guard table.gate.isOpen else { return [("gate", "closed: \(table.closure?.reason ?? "")")] }
        let primary = "the primary is \(table.primary?.name ?? "unknown")"
        return [("gate", table.pausedReason.map { "\($0); \(primary)" } ?? "open, \(primary)")]
    }

    // MARK: Where it would run

    /// A new session has no connection yet: what would run on one it has runs like a read.
    private static func runsOnReader(_ decision: RoutingDecision) -> Bool {
        switch decision.target {
        case .reader, .previous, .anyAttached: true
        case .main, .transaction: false
        }
    }

    private static func isCandidate(_ index: Int, _ table: RoutingTable) -> Bool {
        index < Balancer.nodesMaximum && table.readers.contains(index)
    }

    private static func bit(_ index: Int) -> UInt64 { index < Balancer.nodesMaximum ? 1 << UInt64(index) : 0 }

    private static func candidates(_ table: RoutingTable) -> UInt64 {
        table.readers.reduce(0) { $0 | bit($1) }
    }

    private static func outcome(
        _ traits: StatementTraits, _ decision: RoutingDecision, _ table: RoutingTable, _ preferred: UInt64,
        _ holdMilliseconds: UInt64
    ) -> String {
        if traits.effects.contains(.kills) {
            return
                "no node: KILL is refused with error 1235, because connection ids are Switchyard's; use the console's"
        }
        if traits.effects.contains(.namesProxyVariable) { return "no node: Switchyard answers it itself" }
        let waits = "no node: it waits up to \(holdMilliseconds) ms (hold_timeout), then fails"
        if table.isPaused && Router.waitsForPause(traits, RoutingContext()) { return waits }
        guard runsOnReader(decision) else { return table.primary?.name ?? waits }
        let candidates = table.readers.filter { preferred & bit($0) != 0 }
        switch candidates.count {
        case 0: return table.primary.map { "\($0.name), because no replica takes reads" } ?? waits
        case 1: return table.entries[candidates[0]].name
        default: return "one of \(candidates.count) replicas: the better of two drawn at random"
        }
    }

    /// - Parameter reserve: why others that fit are preferred; nil when none are.
    private static func verdict(
        on index: Int, _ decision: RoutingDecision, _ table: RoutingTable, reserve: String?
    ) -> String {
        let entry = table.entries[index]
        let isPrimary = index == table.primaryIndex
        guard runsOnReader(decision) else {
            return isPrimary
                ? "chosen: the primary" : "rejected: not the primary (\(entry.role.rawValue), \(state(entry)))"
        }
        if isCandidate(index, table) {
            // The session explained is a new one: this is how it would settle.
            let score = Balancer.settlingScore(table, index)
            let standing = reserve.map { "in reserve (\($0))" } ?? "candidate"
            return "\(standing): score \(Int(score.rounded())) (lower is better; \(entry.load.leases) sessions, "
                + "\(entry.load.inFlight) in flight, latency \(entry.load.latencyMicroseconds) us, weight \(entry.weight))"
        }
        if isPrimary {
            let isLast = !table.readers.contains { isCandidate($0, table) }
            return isLast
                ? "chosen: the primary, because no replica takes reads"
                : "in reserve: the primary takes reads when no replica does"
        }
        guard entry.acceptsReads else { return "rejected: accepts no reads: \(state(entry))" }
        return "rejected: beyond the first \(Balancer.nodesMaximum) nodes"
    }

    private static func state(_ entry: RoutingEntry) -> String { "\(entry.state.rawValue): \(entry.reason)" }
}
