// One node's probe: keeps the connection, sends the plan, turns the answer into an observation.

/// A persistent probe of one node. Confined to one queue.
final class NodeProbe {
    /// How often a probe also asks what changes rarely (replica lists, semi-sync status), in milliseconds.
    static let thoroughIntervalMilliseconds: Int64 = 2_000
    /// After this time a connection is replaced: behind a service's address it would stay with one server for ever,
    /// while the sessions' new connections lead to another.
    static let connectionAgeMilliseconds: Int64 = 30_000

    private let node: NodeID
    private let address: ProbeAddress
    private let credentials: MonitorCredentials
    private let budgetMilliseconds: Int64
    private let watch: AddressWatch?
    private var connection: ProbeConnection?
    /// When a connection was tried last that should replace one of its age, or made.
    private var connectedAtMilliseconds: Int64 = 0
    private var loggedInAtMilliseconds: Int64 = 0
    private var plan: ProbePlan?
    /// The required part that the last probe failed at.
    private var failedPart = ProbePlan.Part.replication
    private var last: Observation
    private var thoroughAtMilliseconds: Int64?

    init(node: NodeID, address: ProbeAddress, credentials: MonitorCredentials, budgetMilliseconds: Int64) {
        self.node = node
        self.address = address
        self.credentials = credentials
        self.budgetMilliseconds = budgetMilliseconds
        watch = AddressWatch(address)
        last = Observation(node: node)
    }

    /// Probes once. A connection that broke since the last time is replaced within the same budget, so that a
    /// killed monitor connection alone never looks like a dead server.
    func run() -> Observation {
        let started = monotonicMilliseconds()
        let deadline = started + budgetMilliseconds
        let hadConnection = connection != nil
        var failure = attempt(deadline: deadline)
        if let first = failure, hadConnection, first.kind == .lost || first.kind == .refused {
            failure = attempt(deadline: deadline)
        }
        let ended = monotonicMilliseconds()
        last.probeLatencyMicroseconds = UInt64(max(0, ended - started)) * 1_000
        last.observedAtMilliseconds = ended
        if var failure {
            if loggedInAtMilliseconds >= started { failure.wasAccepted = true }
            last.failure = named(failure)
            last.consecutiveFailures += 1
        } else {
            last.failure = nil
            last.consecutiveFailures = 0
            last.hasFacts = true
            last.askedAtMilliseconds = UInt64(max(0, started))
        }
        return last
    }

    /// Closes the connection.
    func close() {
        connection = nil
        plan = nil
    }

    private func attempt(deadline: Int64) -> ProbeFailure? {
        do throws(ProbeFailure) {
            try connectIfNeeded(deadline: deadline)
            try observe(deadline: deadline)
            return nil
        } catch {
            if connection?.isBroken != false || error.kind == .refused || error.kind == .lost { close() }
            return error
        }
    }

    /// A name is looked up anew with every connection, and a connection does not outlive a name's move.
    private func connectIfNeeded(deadline: Int64) throws(ProbeFailure) {
        let now = monotonicMilliseconds()
        if let connection, let watch, watch.leadsElsewhere(than: connection.peerAddress, now: now) { close() }
        guard connection != nil, plan != nil else { return try connect(deadline: deadline) }
        guard now - connectedAtMilliseconds >= Self.connectionAgeMilliseconds else { return }
        // A server that takes no further connection is still watched on the one there is.
        connectedAtMilliseconds = now
        do throws(ProbeFailure) { try connect(deadline: now + max(0, deadline - now) / 2) } catch {}
    }

    private func connect(deadline: Int64) throws(ProbeFailure) {
        let connection = try ProbeConnection(address: address, credentials: credentials, deadline: deadline)
        let answer = connection.query(ProbePlan.detection, deadline: deadline)
        if var failure = answer.failure {
            failure.wasAccepted = true
            throw failure
        }
        guard let plan = ProbePlan(detected: answer.results.first?.pairs ?? [:]) else {
            throw ProbeFailure(kind: .protocol, code: 0, text: "the server does not say its version")
        }
        if let preparation = plan.preparation, connection.query(preparation, deadline: deadline).failure != nil,
            connection.isBroken
        {
            throw ProbeFailure(kind: .lost, code: 0, text: "the connection was lost while it was prepared")
        }
        self.connection = connection
        self.plan = plan
        loggedInAtMilliseconds = monotonicMilliseconds()
        connectedAtMilliseconds = loggedInAtMilliseconds
        thoroughAtMilliseconds = nil
        last.missingPrivileges = []
    }

    private func observe(deadline: Int64) throws(ProbeFailure) {
        guard let connection, var plan else { return }
        let now = monotonicMilliseconds()
        let isThorough = thoroughAtMilliseconds.map { now - $0 >= Self.thoroughIntervalMilliseconds } ?? true
        let parts = plan.parts(isThorough: isThorough)
        let answer = connection.query(parts.map(\.sql).joined(separator: "; "), deadline: deadline)
        var next = last
        for (part, result) in zip(parts, answer.results) { plan.read(result, of: part.part, into: &next) }
        if let failure = answer.failure {
            // An optional part that is forbidden is left out from now on; what came before it is good.
            guard answer.results.count >= plan.requiredParts, answer.results.count < parts.count, !connection.isBroken
            else {
                if answer.results.count < parts.count { failedPart = parts[answer.results.count].part }
                throw failure
            }
            let part = parts[answer.results.count].part
            plan.forbid(part)
            self.plan = plan
            next.missingPrivileges.append(
                "\(failure.text); for complete discovery: \(plan.grant(for: part, user: credentials.user))")
        } else if isThorough {
            thoroughAtMilliseconds = now
        }
        next.collation = connection.greetingCollation
        next.capabilities = connection.greetingCapabilities
        last = next
    }

    /// Adds who was refused where, and what would help.
    private func named(_ failure: ProbeFailure) -> ProbeFailure {
        var failure = failure
        switch failure.kind {
        case .loginRefused:
            failure.text =
                "monitor account '\(credentials.user)' refused by \(address): \(failure.text); check the password in "
                + "the settings, or create the account on the primary"
        case .privilege:
            let grant =
                plan?.grant(for: failedPart, user: credentials.user)
                ?? "GRANT REPLICATION CLIENT ON *.* TO '\(credentials.user)'"
            failure.text =
                "monitor account '\(credentials.user)' may not look at \(address): \(failure.text); run \(grant)"
        case .refused, .timeout, .lost, .unreachable, .resolve, .protocol:
            failure.text = "\(address): \(failure.text)"
        }
        return failure
    }
}
