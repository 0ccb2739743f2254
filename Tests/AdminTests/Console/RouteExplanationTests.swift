// EXPLAIN ROUTE, row by row.

import Routing
import Testing
import Topology

@testable import Admin

@Suite struct RouteExplanationTests {
    private func explain(_ statement: String, _ table: RoutingTable = ConsoleScene.table()) -> [String: String] {
        let explanation = RouteExplanation(statement: statement, table: table, holdTimeoutMilliseconds: 2_000)
        return Dictionary(uniqueKeysWithValues: explanation.rows.map { ($0.item, $0.value) })
    }

    @Test func `the rows stand in the order of the decision, the nodes last`() {
        let items = RouteExplanation(
            statement: "SELECT 1", table: ConsoleScene.table(), account: ("app", nil), schema: "shop"
        ).rows.map(\.item)
        #expect(
            items == [
                "cluster", "session", "user", "schema", "kind", "access", "reason", "deciding text", "transaction",
                "effects", "pins", "target", "route reason", "repeatable", "gate", "epoch", "runs on", "node db1",
                "node db2",
                "node db3",
            ])
    }

    @Test func `a read names its candidates with scores, and why others are none`() throws {
        let rows = explain("SELECT name FROM shop")
        #expect(rows["access"] == "read")
        #expect(rows["target"] == "reader")
        #expect(rows["runs on"] == "db2")
        #expect(rows["epoch"] == "7")
        #expect(rows["gate"] == "open, the primary is db1")
        #expect(try #require(rows["node db2"]).hasPrefix("candidate: score 1 (lower is better; 0 sessions, "))
        #expect(rows["node db3"] == "rejected: accepts no reads: lagging: 90000 ms behind")
        #expect(rows["node db1"] == "in reserve: the primary takes reads when no replica does")
    }

    @Test func `a reader of a further zone, or one that is not well, is in reserve`() throws {
        var (near, far) = (ConsoleScene.entry(1, role: .replica), ConsoleScene.entry(2, role: .replica))
        near.zone = "near"
        far.zone = "far"
        let table = ConsoleScene.table(replicas: [near, far])
        func explain() -> [String: String] {
            let explanation = RouteExplanation(
                statement: "SELECT 1", table: table, preference: ReaderPreference(zone: "near"), nowMilliseconds: 1)
            return Dictionary(uniqueKeysWithValues: explanation.rows.map { ($0.item, $0.value) })
        }
        #expect(explain()["runs on"] == "db2")
        #expect(try #require(explain()["node db2"]).hasPrefix("candidate: score "))
        #expect(try #require(explain()["node db3"]).hasPrefix("in reserve (of a further zone): score "))
        for _ in 0..<HealthLimits.connectFailuresInARow { near.load.connectFailed(nowMilliseconds: 1) }
        #expect(explain()["runs on"] == "db3")
        #expect(try #require(explain()["node db2"]).hasPrefix("in reserve (not well): score "))
        #expect(try #require(explain()["node db3"]).hasPrefix("candidate: score "))
    }

    @Test func `a write goes to the primary and rejects the rest`() throws {
        let rows = explain("UPDATE t SET a = 1")
        #expect(rows["kind"] == "update")
        #expect(rows["target"] == "main")
        #expect(rows["runs on"] == "db1")
        #expect(rows["node db1"] == "chosen: the primary")
        #expect(try #require(rows["node db2"]).hasPrefix("rejected: not the primary"))
    }

    @Test func `the text that decided is quoted with its place`() {
        let rows = explain("SELECT a FROM t FOR UPDATE")
        #expect(rows["access"] == "primary")
        #expect(rows["deciding text"] == "FOR (at byte 16)")
        #expect(rows["effects"] == "locks the rows it reads")
    }

    @Test func `without replicas a read runs on the primary`() {
        let lagging = ConsoleScene.entry(1, role: .replica, state: .stopped, reason: "stopped", reads: false)
        let rows = explain("SELECT 1", ConsoleScene.table(replicas: [lagging]))
        #expect(rows["runs on"] == "db1, because no replica takes reads")
        #expect(rows["node db1"] == "chosen: the primary, because no replica takes reads")
    }

    @Test func `a write waits while the gate is closed, and a read does not`() {
        let closed = ConsoleScene.table(isOpen: false)
        let write = explain("DELETE FROM t", closed)
        #expect(write["gate"] == "closed: nobody is writable")
        #expect(write["runs on"] == "no node: it waits up to 2000 ms (hold_timeout), then fails")
        #expect(write.values.contains { $0.hasPrefix("chosen") } == false)
        #expect(explain("SELECT 1", closed)["runs on"] == "db2")
    }

    @Test func `while the cluster is paused a write waits, and a read does not`() {
        let paused = ConsoleScene.table(pause: ConsoleScene.pause)
        let write = explain("DELETE FROM t", paused)
        #expect(
            write["gate"] == "paused by admin@10.0.0.9 since 10:00:00 UTC, for 30 s at most; the primary is db1")
        #expect(write["runs on"] == "no node: it waits up to 2000 ms (hold_timeout), then fails")
        #expect(explain("SELECT name FROM shop", paused)["runs on"] == "db2")
        let closed = explain("DELETE FROM t", ConsoleScene.table(isOpen: false, pause: ConsoleScene.pause))
        #expect(closed["gate"]?.hasPrefix("closed: nobody is writable; and paused by admin@10.0.0.9") == true)
    }

    @Test func `what would hold the session is told with what releases it`() throws {
        #expect(explain("SELECT 1")["pins"] == "none")
        let lock = explain("SELECT GET_LOCK('a', 1)")["pins"]
        #expect(lock == "GET_LOCK, until: RELEASE_ALL_LOCKS()")
        let table = explain("CREATE TEMPORARY TABLE t (a INT)")["pins"]
        #expect(try #require(table).hasPrefix("temporary table, until: DROP"))
    }

    @Test func `KILL runs nowhere`() throws {
        let rows = explain("KILL 4")
        #expect(try #require(rows["runs on"]).hasPrefix("no node: KILL is refused"))
        #expect(rows["node db1"] == nil)
    }

    @Test(arguments: [
        ("START TRANSACTION READ ONLY", "begin read only", "reader"), ("COMMIT", "commit", "anyAttached"),
        ("BEGIN", "begin read write", "main"),
    ])
    func `the effect on the transaction is told in words`(statement: String, effect: String, target: String) {
        let rows = explain(statement)
        #expect(rows["transaction"] == effect)
        #expect(rows["target"] == target)
    }

    @Test func `text that is no SQL is explained too`() {
        #expect(explain("'unterminated")["target"] == "main")
        #expect(explain("")["kind"] == "empty")
        #expect(explain("\u{1F600} \u{0}")["target"] == "main")
    }
}
