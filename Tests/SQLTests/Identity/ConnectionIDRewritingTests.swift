// CONNECTION_ID() in a text becomes the proxy's id, and columns keep their names.

import Testing

@testable import SQL

@Suite struct ConnectionIDRewritingTests {
    private static let id = "CAST(0000000007 AS UNSIGNED)"
    private static let variable = "NULLIF(CAST(000000000000000000007 AS UNSIGNED),0)"

    private func rewrite(_ text: String, _ mode: SQLMode = SQLMode()) -> String? {
        Array(text.utf8).withUnsafeBytes { ConnectionIDRewriting.rewrite($0, id: 7, mode: mode) }
            .map { String(decoding: $0, as: UTF8.self) }
    }

    private static let rewritten: [(String, String)] = [
        ("SELECT CONNECTION_ID()", "SELECT \(id) AS `CONNECTION_ID()`"),
        ("SELECT connection_id ( ) ;", "SELECT \(id) AS `connection_id ( )` ;"),
        ("SELECT CONNECTION_ID() AS x, 1", "SELECT \(id) AS x, 1"),
        ("SELECT CONNECTION_ID() x FROM t", "SELECT \(id) x FROM t"),
        ("SELECT CONNECTION_ID() 'x'", "SELECT \(id) 'x'"),
        ("SELECT 1, CONNECTION_ID()+1 FROM t", "SELECT 1, \(id)+1 AS `CONNECTION_ID()+1` FROM t"),
        ("SELECT DISTINCT CONNECTION_ID()", "SELECT DISTINCT \(id) AS `CONNECTION_ID()`"),
        ("SELECT 1 DIV CONNECTION_ID()", "SELECT 1 DIV \(id) AS `1 DIV CONNECTION_ID()`"),
        ("SELECT CONCAT('`', CONNECTION_ID())", "SELECT CONCAT('`', \(id)) AS `CONCAT('``', CONNECTION_ID())`"),
        ("SELECT (SELECT CONNECTION_ID())", "SELECT (SELECT \(id) AS `CONNECTION_ID()`) AS `(SELECT CONNECTION_ID())`"),
        ("SELECT CONNECTION_ID() UNION SELECT 2", "SELECT \(id) AS `CONNECTION_ID()` UNION SELECT 2"),
        ("INSERT INTO t VALUES (CONNECTION_ID(), 2)", "INSERT INTO t VALUES (\(id), 2)"),
        ("UPDATE t SET a = CONNECTION_ID() WHERE b = 1", "UPDATE t SET a = \(id) WHERE b = 1"),
        ("SELECT 1 FROM t WHERE a = CONNECTION_ID()", "SELECT 1 FROM t WHERE a = \(id)"),
        ("SET @a = CONNECTION_ID()", "SET @a = \(id)"),
        ("SELECT @@pseudo_thread_id", "SELECT \(variable) AS `@@pseudo_thread_id`"),
        ("SELECT @@SESSION.pseudo_thread_id AS p", "SELECT \(variable) AS p"),
        ("SELECT 1; SELECT CONNECTION_ID()", "SELECT 1; SELECT \(id) AS `CONNECTION_ID()`"),
    ]

    @Test(arguments: rewritten) func `is rewritten`(_ text: String, _ expected: String) {
        #expect(rewrite(text) == expected)
    }

    @Test func `stays as it is`() {
        for text in [
            "SELECT 1", "SELECT connection_id", "SELECT `connection_id`()", "SELECT db.connection_id()",
            "SELECT 'CONNECTION_ID()'", "SELECT CONNECTION_ID(1)", "CREATE VIEW v AS SELECT CONNECTION_ID()",
            "CREATE PROCEDURE p() SELECT CONNECTION_ID()", "SELECT 1; CREATE VIEW v AS SELECT CONNECTION_ID()",
            "ALTER TABLE t ADD a INT DEFAULT (CONNECTION_ID())", "SET @@pseudo_thread_id = 5",
            "SELECT * FROM information_schema.processlist WHERE id = CONNECTION_ID()",
            "SELECT * FROM `PERFORMANCE_SCHEMA`.threads WHERE processlist_id = CONNECTION_ID()",
            "SELECT CONNECTION_ID() '", "SELECT CONNECTION_ID() /*",
        ] {
            #expect(rewrite(text) == nil, "\(text)")
        }
    }

    @Test func `a long name is left to the server, a deep nesting to its id`() {
        let sum = String(repeating: "1+", count: 200)
        #expect(rewrite("SELECT \(sum)CONNECTION_ID()") == "SELECT \(sum)\(Self.id)")
        let open = String(repeating: "(", count: 70)
        #expect(rewrite("SELECT \(open)CONNECTION_ID()\(String(repeating: ")", count: 70))") == nil)
    }

    @Test func `no prefix of a statement makes it fail`() {
        let text =
            "SELECT a.b, CONNECTION_ID() + @@pseudo_thread_id `x``y`, (SELECT 'it''s') FROM t WHERE CONNECTION_ID()=1"
        for length in 0...text.utf8.count { _ = rewrite(String(text.utf8.prefix(length))!) }
    }
}
