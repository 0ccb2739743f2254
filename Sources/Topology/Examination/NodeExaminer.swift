// Looks at one node with the monitor account, each need by itself: the watcher sends its questions in one statement, whose
// first error hides the others.

/// What an examination is to look for.
package struct ExaminationOptions: Sendable {
    /// Whether nodes that are not configured are to be found.
    package var discovers = true
    /// Whether accounts are to be mirrored.
    package var mirrorsAccounts = true
    /// The time for one node, in milliseconds.
    package var budgetMilliseconds: Int64

    /// - Parameter budgetMilliseconds: the time for one node.
    package init(discovers: Bool = true, mirrorsAccounts: Bool = true, budgetMilliseconds: Int64) {
        self.discovers = discovers
        self.mirrorsAccounts = mirrorsAccounts
        self.budgetMilliseconds = budgetMilliseconds
    }
}

/// One question that needs a privilege.
struct MonitorNeed: Equatable {
    let sql: String
    let purpose: String
    /// `PROCESS ON *.*`
    let privilege: String
}

/// Looks at one node. Blocks.
struct NodeExaminer: Sendable {
    let credentials: MonitorCredentials
    let options: ExaminationOptions

    func examine(_ name: String, _ address: ProbeAddress, _ node: NodeID) -> NodeExamination {
        var examination = NodeExamination(name: name, address: address, node: node)
        let deadline = monotonicMilliseconds() + options.budgetMilliseconds
        do throws(ProbeFailure) {
            let connection = try ProbeConnection(address: address, credentials: credentials, deadline: deadline)
            examination.offersTLS = connection.greetingCapabilities & Self.tlsCapability != 0
            try look(through: connection, deadline: deadline, &examination)
        } catch {
            examination.failure = error
        }
        if examination.failure != nil || !examination.observation.hasFacts {
            // What the watcher would make of it.
            let failure =
                examination.failure
                ?? ProbeFailure(kind: .privilege, code: 0, text: examination.missing.first?.answer ?? "not answered")
            examination.observation.failure = failure
            examination.observation.consecutiveFailures = 1
            examination.observation.hasFacts = false
        }
        return examination
    }

    /// CLIENT_SSL.
    private static let tlsCapability: UInt64 = 0x800

    private func look(
        through connection: ProbeConnection, deadline: Int64, _ examination: inout NodeExamination
    ) throws(ProbeFailure) {
        let detected = try result(of: ProbePlan.detection, connection, deadline).pairs
        examination.version = detected["version"] ?? ""
        guard let plan = ProbePlan(detected: detected) else {
            throw ProbeFailure(kind: .protocol, code: 0, text: "the server does not say its version")
        }
        if let preparation = plan.preparation { _ = connection.query(preparation, deadline: deadline) }
        let account = Self.quoted(
            account: try result(of: "SELECT CURRENT_USER() AS account", connection, deadline).firstRow["account"] ?? "")
        try readFacts(plan, account, connection, deadline, &examination)
        for need in plan.needs(options) {
            let answer = connection.query(need.sql, deadline: deadline)
            if let failure = answer.failure { try note(failure, need, account, connection, &examination) }
        }
        examination.cipher =
            try result(of: "SHOW SESSION STATUS LIKE 'Ssl_cipher'", connection, deadline).pairs["ssl_cipher"] ?? ""
        examination.clock = try readClock(connection, deadline)
    }

    /// What the watcher asks, one statement after the other. Without the required ones a node cannot be judged.
    private func readFacts(
        _ plan: ProbePlan, _ account: String, _ connection: ProbeConnection, _ deadline: Int64,
        _ examination: inout NodeExamination
    ) throws(ProbeFailure) {
        let started = monotonicMilliseconds()
        var isJudgeable = true
        for (index, part) in plan.parts(isThorough: true).enumerated() {
            if part.part == .connectedReplicas && !options.discovers { continue }
            let answer = connection.query(part.sql, deadline: deadline)
            if let failure = answer.failure {
                if index < plan.requiredParts { isJudgeable = false }
                let need = MonitorNeed(
                    sql: part.sql, purpose: part.part.purpose, privilege: plan.privilege(for: part.part))
                try note(failure, need, account, connection, &examination)
            } else if let result = answer.results.first {
                plan.read(result, of: part.part, into: &examination.observation)
            }
        }
        examination.observation.collation = connection.greetingCollation
        examination.observation.capabilities = connection.greetingCapabilities
        examination.observation.hasFacts = isJudgeable
        examination.observation.askedAtMilliseconds = UInt64(max(0, started))
        examination.observation.observedAtMilliseconds = monotonicMilliseconds()
    }

    private func result(
        of sql: String, _ connection: ProbeConnection, _ deadline: Int64
    ) throws(ProbeFailure) -> ProbeResult {
        let answer = connection.query(sql, deadline: deadline)
        if let failure = answer.failure { throw failure }
        return answer.results.first ?? ProbeResult(columns: [], rows: [])
    }

    /// A refusal for want of a privilege is noted once for each of them; anything else ends the look.
    private func note(
        _ failure: ProbeFailure, _ need: MonitorNeed, _ account: String, _ connection: ProbeConnection,
        _ examination: inout NodeExamination
    ) throws(ProbeFailure) {
        guard Self.isDenial(failure), !connection.isBroken else { throw failure }
        let grant = "GRANT \(need.privilege) TO \(account)"
        guard !examination.missing.contains(where: { $0.grant == grant }) else { return }
        examination.missing.append(
            MissingPrivilege(
                privilege: need.privilege, purpose: need.purpose, grant: grant,
                answer: String(failure.text.prefix(ExaminationLimits.textCharactersMaximum))))
    }

    /// ER_DBACCESS_DENIED beside those that a probe knows: no privilege on anything of a schema.
    static func isDenial(_ failure: ProbeFailure) -> Bool { failure.kind == .privilege || failure.code == 1044 }

    private func readClock(_ connection: ProbeConnection, _ deadline: Int64) throws(ProbeFailure) -> ClockReading? {
        let before = unixMilliseconds()
        let row = try result(of: "SELECT UNIX_TIMESTAMP(NOW(6)) AS clock", connection, deadline).firstRow
        let after = unixMilliseconds()
        guard let seconds = row["clock"].flatMap({ Double($0) }), seconds.isFinite, seconds.magnitude < 1e12 else {
            return nil
        }
        let half = max(0, after - before) / 2
        return ClockReading(
            aheadMilliseconds: Int64(seconds * 1_000) - (before + half), uncertaintyMilliseconds: half)
    }

    /// `name@host` of CURRENT_USER() as an account in SQL.
    static func quoted(account: String) -> String {
        func quoted(_ text: Substring) -> String {
            // By scalars: with a combining mark behind it, a quote is another character.
            let doubled = text.unicodeScalars.flatMap { $0 == "'" || $0 == "\\" ? [$0, $0] : [$0] }
            return "'\(String(String.UnicodeScalarView(doubled)))'"
        }
        guard let at = account.lastIndex(of: "@") else { return quoted(account[...]) }
        return quoted(account[..<at]) + "@" + quoted(account[account.index(after: at)...])
    }
}

extension ProbePlan {
    /// What is needed beside the statements of a probe, or is not refused there but answered with less.
    func needs(_ options: ExaminationOptions) -> [MonitorNeed] {
        // Without it the process list has the account's own threads only; these rows are refused.
        var needs = [
            MonitorNeed(
                sql: "SELECT COUNT(*) FROM information_schema.INNODB_TRX", purpose: Part.stall.purpose,
                privilege: privilege(for: .stall))
        ]
        guard options.mirrorsAccounts else { return needs }
        for table in accountTables {
            needs.append(
                MonitorNeed(
                    sql: "SELECT COUNT(*) FROM \(table)",
                    purpose: "to mirror the accounts (or list them under users: in the settings)",
                    privilege: "SELECT ON \(table)"))
        }
        return needs
    }

    /// The tables that `AccountMirror` reads.
    private var accountTables: [String] {
        switch flavor {
        case .mariaDB: [version >= ServerVersion(major: 10, minor: 4, patch: 0) ? "mysql.global_priv" : "mysql.user"]
        case .mySQL, .unknown:
            version >= ServerVersion(major: 8, minor: 0, patch: 0)
                ? ["mysql.user", "mysql.global_grants"] : ["mysql.user"]
        }
    }
}

extension ProbePlan.Part {
    /// What the watcher has of it, as the end of a sentence.
    var purpose: String {
        switch self {
        case .variables: "to know what the server is"
        case .replication: "to see whom a node replicates from and how far it is: without it the node is not used"
        case .groupMembers: "to see the members of the group: without it the node is not used"
        case .connectedReplicas: "to find replicas that nodes: does not name (or set discover: false)"
        case .dumpThreads, .stall: "to see replicas that connect, and writes that a global read lock holds up"
        case .semiSync: "to see whether commits are acknowledged"
        case .galera: "to see the members of the cluster"
        }
    }
}
