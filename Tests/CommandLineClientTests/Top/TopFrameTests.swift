// The frames of `top`.

import Testing

@testable import CommandLineClient

@Suite struct TopFrameTests {
    private func digest(_ name: String, count: Int64, total: Int64, p95: Int64 = 10, errors: Int64 = 0) -> DigestFigures
    {
        DigestFigures(
            key: name, user: "app", text: name, count: count, errors: errors, totalMicroseconds: total,
            p95Microseconds: p95)
    }

    private func snapshot(_ milliseconds: Int64, digests: [DigestFigures] = [], sessions: Int = 1) throws -> TopSnapshot
    {
        var snapshot = TopSnapshot(
            milliseconds: milliseconds, status: try StatusSnapshot.read(StatusTests.console(), notes: 1))
        snapshot.digests = digests
        snapshot.sessions = (0..<sessions).map { number in
            SessionFigures(
                id: "\(number)", user: "app", peer: "p", node: "db1", phase: "idle", isInTransaction: number == 0,
                pins: "", sinceMilliseconds: 5, statement: hostile)
        }
        return snapshot
    }

    @Test(arguments: [(80, 24), (40, 10), (1, 1), (200, 60)])
    func `a frame fits its screen`(columns: Int, height: Int) throws {
        let many = try snapshot(0, digests: (0..<100).map { digest("SELECT \($0)", count: 1, total: 1) }, sessions: 100)
        let lines = TopFrame(many, previous: nil, order: .load, columns: columns).lines(height: height, title: hostile)
        let (width, most) = (max(columns, 40), max(height, 10))
        #expect(lines.count <= most)
        #expect(lines.allSatisfy { TerminalText.width($0) <= width })
        #expect(!lines.contains { line in line.unicodeScalars.contains(where: TerminalText.isUnsafe) })
        // Whatever the size, there are nodes, statements and sessions.
        for header in ["NODE", "CALLS/S", "SESSION"] { #expect(lines.contains { $0.contains(header) }, "\(header)") }
    }

    @Test func `rates are of the time between two looks`() throws {
        let old = try snapshot(1_000, digests: [digest("a", count: 10, total: 0)])
        var new = try snapshot(
            3_000, digests: [digest("a", count: 30, total: 1_000_000), digest("b", count: 9, total: 9)])
        new.status.uptimeSeconds = 62
        new.status.clusters[0] = ClusterStatus(
            ResultRecord(["cluster": "main", "gate": "open", "statements": "800"]))
        let rates = TopRates(from: old, to: new)
        #expect(rates.statements(new.status.clusters[0]) == 100)
        #expect(rates.count(new.digests[0]) == 10 && rates.load(new.digests[0]) == 0.5)
        // It may have come long before it was among those that are asked for.
        #expect(rates.count(new.digests[1]) == 0)
        // After a restart, what was before says nothing.
        var restarted = new
        restarted.status.uptimeSeconds = 1
        #expect(!TopRates(from: new, to: restarted).areKnown)
    }

    @Test(arguments: [
        (TopOrder.load, ["a", "b", "c"]), (.count, ["b", "a", "c"]), (.latency, ["c", "b", "a"]),
        (.errors, ["b", "c", "a"]),
    ])
    func `statements are sorted as asked`(order: TopOrder, names: [String]) throws {
        let old = try snapshot(0, digests: ["a", "b", "c"].map { digest($0, count: 0, total: 0) })
        let new = try snapshot(
            1_000,
            digests: [
                digest("c", count: 1, total: 1, p95: 30, errors: 1), digest("a", count: 5, total: 900, p95: 10),
                digest("b", count: 9, total: 100, p95: 20, errors: 2),
            ])
        let lines = TopFrame(new, previous: old, order: order, columns: 100).lines(height: 30, title: "t")
        let first = try #require(lines.firstIndex { $0.contains("CALLS/S") })
        #expect(lines[(first + 1)...(first + 3)].map { String($0.suffix(1)) } == names)
    }

    @Test func `the key s goes through all orders`() {
        var order = TopOrder.load
        let seen = (0..<4).map { _ in
            order = order.next
            return order
        }
        #expect(Set(seen).count == 4 && order == .load)
    }
}
