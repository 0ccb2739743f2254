// The table of digests: what comes most stays, nothing is lost from the sums, and the memory has a bound.

import SQL
import Testing

@testable import Frontend

@Suite struct DigestTableTests {
    private let names = DigestNames(user: "app", schema: Array("shop".utf8))

    /// A statement that comes and ends.
    private func run(
        _ statement: String, _ key: UInt64, in table: DigestTable, _ sample: DigestSample = DigestSample(),
        names: DigestNames? = nil
    ) {
        let place = place(statement, key, in: table, names: names)
        table.add(sample, key: key, at: place, nowMilliseconds: 7)
    }

    private func place(_ statement: String, _ key: UInt64, in table: DigestTable, names: DigestNames? = nil) -> Int {
        if let place = table.place(of: key) { return place }
        return Array(statement.utf8).withUnsafeBytes {
            table.takeUp(
                key, digest: key, names ?? self.names, $0, mode: SQLMode(), isBeginning: false, nowMilliseconds: 5)
        }
    }

    private func records(_ table: DigestTable) -> [DigestRecord] {
        LaneDigests(cluster: "main", copy: table.copy(), laneMilliseconds: 10, unixMilliseconds: 1_000).records
    }

    @Test func `executions are added up, without their literals`() throws {
        let table = DigestTable()
        run(
            "SELECT 'secret'", 9, in: table,
            DigestSample(
                microseconds: 100, rows: 2, affectedRows: 0, bytes: 50, place: .replica, failed: false, pinned: false))
        run(
            "SELECT 'other'", 9, in: table,
            DigestSample(
                microseconds: 300, rows: 1, affectedRows: 4, bytes: 10, place: .primary, failed: true, pinned: true))
        let record = try #require(records(table).first)
        #expect(records(table).count == 1)
        #expect(record.user == "app" && record.schema == "shop" && record.text == "SELECT ?" && record.digest == 9)
        var counts = DigestCounts()
        counts.statements = 2
        counts.errors = 1
        counts.rows = 3
        counts.affectedRows = 4
        counts.bytes = 60
        counts.onPrimary = 1
        counts.onReplicas = 1
        counts.pins = 1
        counts.microseconds = 400
        counts.longestMicroseconds = 300
        #expect(record.counts == counts)
        #expect(record.firstUnixMilliseconds == 995 && record.lastUnixMilliseconds == 997)
        #expect(try #require(record.quantile(1)) == 300)
    }

    @Test func `what comes often stays, whatever else comes, and the sums stay whole`() throws {
        let table = DigestTable()
        let flood = 20 * FrontendLimits.digests
        for number in 0..<flood {
            run("SELECT often", 1, in: table)
            run("SELECT c\(number)", UInt64(1_000 + number), in: table, DigestSample(microseconds: 3, rows: 1))
        }
        let all = records(table)
        let often = try #require(all.first { $0.digest == 1 })
        #expect(often.counts.statements == UInt64(flood) && often.missed == 0)
        #expect(all.count == FrontendLimits.digests + 1)
        let rest = try #require(all.first { $0.digest == nil })
        #expect(rest.text.isEmpty && rest.counts.statements > 0)
        #expect(all.reduce(0) { $0 + $1.counts.statements } == UInt64(2 * flood))
        #expect(all.reduce(0) { $0 + $1.counts.rows } == UInt64(flood))
        let times = all.reduce(0) { $0 + $1.latencies.reduce(0) { $0 + UInt64($1) } }
        #expect(times == UInt64(2 * flood))
        // Those that displaced others say how often they may have come before.
        #expect(all.contains { $0.missed > 0 && $0.counts.statements == 1 })
    }

    @Test func `the memory grows to a bound and no further`() {
        let table = DigestTable()
        let atFirst = table.heldBytes
        for number in 1...FrontendLimits.digests { run("SELECT \(number)", UInt64(number), in: table) }
        let full = table.heldBytes
        #expect(full > atFirst)
        for number in 1...2_000 { run("SELECT c\(number)", UInt64(number + 100_000), in: table) }
        #expect(table.heldBytes == full)
    }

    @Test func `chains of colliding keys are found and displaced one by one`() {
        let table = DigestTable()
        let step = UInt64(2 * FrontendLimits.digests)
        let keys = (1...UInt64(FrontendLimits.digests)).map { 3 + $0 * step }
        for key in keys { run("SELECT 1", key, in: table) }
        for key in keys { #expect(table.place(of: key) != nil) }
        for key in keys.prefix(100) { run("SELECT 1", key + 1, in: table) }
        for key in keys.prefix(100) { #expect(table.place(of: key + 1) != nil) }
        let left = keys.filter { table.place(of: $0) != nil }.count
        #expect(left == FrontendLimits.digests - 100)
    }

    @Test func `a statement whose digest lost its place while it ran is counted with the rest`() throws {
        let table = DigestTable()
        let slow = place("SELECT slow", 1, in: table)
        for number in 1...(2 * FrontendLimits.digests) {
            run("SELECT c\(number)", UInt64(number + 1_000), in: table)
            run("SELECT c\(number)", UInt64(number + 1_000), in: table)
        }
        #expect(table.text(of: 1, at: slow) == nil)
        let before = try #require(records(table).first { $0.digest == nil }).counts.statements
        table.add(DigestSample(microseconds: 5), key: 1, at: slow, nowMilliseconds: 8)
        #expect(try #require(records(table).first { $0.digest == nil }).counts.statements == before + 1)
    }

    @Test func `after a reset everything begins anew`() throws {
        let table = DigestTable()
        run("SELECT 1", 5, in: table, DigestSample(microseconds: 9))
        let running = place("SELECT 2", 6, in: table)
        table.reset()
        #expect(records(table).isEmpty && table.place(of: 5) == nil)
        table.add(DigestSample(), key: 6, at: running, nowMilliseconds: 8)
        run("SELECT 1", 5, in: table)
        let all = records(table)
        #expect(all.map(\.digest) == [5, nil] && all.allSatisfy { $0.counts.statements == 1 })
        #expect(all[0].latencies.reduce(0, +) == 1)
    }

    @Test func `long names and texts are cut to what an entry has room for`() throws {
        let table = DigestTable()
        let long = DigestNames(
            user: String(repeating: "u", count: 500), schema: [UInt8](repeating: UInt8(ascii: "s"), count: 500))
        let columns = (0..<500).map { "column\($0)" }.joined(separator: ", ")
        run("SELECT \(columns)", 5, in: table, names: long)
        run("SELECT 1", 6, in: table)
        let all = records(table)
        #expect(all[0].user.utf8.count == FrontendLimits.digestNameBytes)
        #expect(all[0].schema.utf8.count == FrontendLimits.digestNameBytes)
        #expect(all[0].text.utf8.count == FrontendLimits.digestTextBytes - 2 * FrontendLimits.digestNameBytes)
        #expect(all[0].text.hasPrefix("SELECT column0, column1") && all[1].text == "SELECT ?")
    }

    @Test func `the same digests of several lanes are one, those that took most time first`() {
        let lanes = [DigestTable(), DigestTable()]
        run("SELECT 1", 1, in: lanes[0], DigestSample(microseconds: 10))
        run("SELECT 1", 1, in: lanes[1], DigestSample(microseconds: 30))
        run("SELECT a", 2, in: lanes[1], DigestSample(microseconds: 1_000))
        run("SELECT 1", 3, in: lanes[1], names: DigestNames(user: "other", schema: []))
        let merged = DigestRecord.merged(lanes.flatMap(records))
        #expect(merged.map(\.digest) == [2, 1, 3])
        #expect(merged[1].counts.statements == 2 && merged[1].counts.longestMicroseconds == 30)
        #expect(merged[1].latencies.reduce(0, +) == 2)
        #expect(merged[2].user == "other" && merged[2].schema.isEmpty)
        #expect(DigestRecord.name(of: 255) == "00000000000000ff")
    }

    @Test func `account and schema tell digests apart, and a change of schema is noticed`() {
        var scope = DigestScope()
        let one = scope.key(1, user: "a", schema: Array("s".utf8), revision: 1)
        #expect(one == scope.key(1, user: "a", schema: Array("s".utf8), revision: 1))
        var others = [
            scope.key(2, user: "a", schema: Array("s".utf8), revision: 1),
            scope.key(1, user: "a", schema: Array("t".utf8), revision: 2),
            scope.key(1, user: "b", schema: Array("s".utf8), revision: 3),
            scope.key(1, user: "s", schema: Array("a".utf8), revision: 4),
            scope.key(1, user: "", schema: [], revision: 5),
        ]
        others.append(one)
        #expect(Set(others).count == 6)
    }
}
