// What `top` shows: figures of one moment, and what they became since the moment before.

/// One look at a proxy, with what takes most.
package struct TopSnapshot: Sendable, Equatable {
    /// When it was taken, on a clock that never goes back.
    package var milliseconds: Int64
    package var status: StatusSnapshot
    var digests: [DigestFigures] = []
    var sessions: [SessionFigures] = []

    package init(milliseconds: Int64, status: StatusSnapshot = StatusSnapshot()) {
        self.milliseconds = milliseconds
        self.status = status
    }
}

/// A statement without its literals, of one account.
struct DigestFigures: Sendable, Equatable {
    let key: String
    let user: String
    let text: String
    let count: Int64
    let errors: Int64
    let totalMicroseconds: Int64
    let p95Microseconds: Int64?
}

/// A client's session.
struct SessionFigures: Sendable, Equatable {
    let id: String
    let user: String
    let peer: String
    let node: String
    let phase: String
    let isInTransaction: Bool
    let pins: String
    let sinceMilliseconds: Int64
    let statement: String
}

extension TopSnapshot {
    private static let digestsStatement = """
        SELECT cluster, user, `schema`, digest, text, count, errors, total_us, p95_us FROM digests \
        WHERE digest IS NOT NULL ORDER BY total_us DESC LIMIT \(CommandLineLimits.frameRows)
        """
    private static let sessionsStatement = """
        SELECT id, user, peer, node, phase, in_transaction, pins, since_ms, statement FROM sessions \
        ORDER BY phase = 'idle', since_ms DESC LIMIT \(CommandLineLimits.frameRows)
        """

    /// Asks the console.
    static func read(_ console: any ConsoleAnswering, milliseconds: Int64) throws(ConsoleFailure) -> TopSnapshot {
        var snapshot = TopSnapshot(
            milliseconds: milliseconds, status: try StatusSnapshot.read(console, notes: 1))
        snapshot.digests = try console.run(digestsStatement).records.map(DigestFigures.init)
        snapshot.sessions = try console.run(sessionsStatement).records.map(SessionFigures.init)
        return snapshot
    }
}

extension DigestFigures {
    init(_ record: ResultRecord) {
        user = record.text("user")
        text = record.text("text")
        key = [record.text("cluster"), user, record.text("schema"), record.text("digest")].joined(separator: "\u{0}")
        count = record.number("count") ?? 0
        errors = record.number("errors") ?? 0
        totalMicroseconds = record.number("total_us") ?? 0
        p95Microseconds = record.number("p95_us")
    }
}

extension SessionFigures {
    init(_ record: ResultRecord) {
        id = record.text("id")
        user = record.text("user")
        peer = record.text("peer")
        node = record.text("node")
        phase = record.text("phase")
        isInTransaction = record["in_transaction"] == "yes"
        pins = record.text("pins")
        sinceMilliseconds = record.number("since_ms") ?? 0
        statement = record.text("statement")
    }
}

/// What one look adds to the one before.
struct TopRates: Sendable {
    private let seconds: Double
    private let nodes: [String: NodeStatus]
    private let clusters: [String: ClusterStatus]
    private let digests: [String: DigestFigures]
    /// Whether there was a look before: without it there are no rates.
    let areKnown: Bool

    init(from old: TopSnapshot?, to new: TopSnapshot) {
        // A proxy that was restarted counts from zero again.
        let before = old.flatMap { $0.status.uptimeSeconds <= new.status.uptimeSeconds ? $0 : nil }
        areKnown = before != nil
        seconds = max(Double(new.milliseconds - (before?.milliseconds ?? 0)) / 1_000, 0.001)
        nodes = Self.keyed(before?.status.nodes ?? []) { "\($0.cluster)\u{0}\($0.name)" }
        clusters = Self.keyed(before?.status.clusters ?? []) { $0.name }
        digests = Self.keyed(before?.digests ?? []) { $0.key }
    }

    private static func keyed<Element>(_ list: [Element], _ key: (Element) -> String) -> [String: Element] {
        Dictionary(list.map { (key($0), $0) }) { first, _ in first }
    }

    private func rate(_ new: Int64, _ old: Int64?) -> Double {
        areKnown ? Double(max(0, new - (old ?? 0))) / seconds : 0
    }

    func statements(_ cluster: ClusterStatus) -> Double { rate(cluster.statements, clusters[cluster.name]?.statements) }
    func errors(_ cluster: ClusterStatus) -> Double { rate(cluster.errors, clusters[cluster.name]?.errors) }

    func reads(_ node: NodeStatus) -> Double { rate(node.reads, before(node)?.reads) }
    func writes(_ node: NodeStatus) -> Double { rate(node.writes, before(node)?.writes) }
    private func before(_ node: NodeStatus) -> NodeStatus? { nodes["\(node.cluster)\u{0}\(node.name)"] }

    /// One that was not among those asked for before has no rate yet.
    func count(_ digest: DigestFigures) -> Double {
        guard let old = digests[digest.key] else { return 0 }
        return rate(digest.count, old.count)
    }

    /// Seconds that its statements took, in each second.
    func load(_ digest: DigestFigures) -> Double {
        guard let old = digests[digest.key] else { return 0 }
        return rate(digest.totalMicroseconds, old.totalMicroseconds) / 1_000_000
    }
}
