// What is read of things that have names on one connection.

import Testing

@testable import SQL

private func table(_ name: String) -> TableName {
    let parts = name.split(separator: "/").map { Array($0.utf8) }
    return parts.count == 2 ? TableName(schema: parts[0], table: parts[1]) : TableName(table: parts[0])
}

private func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }

private func read(_ text: String) -> [NamedChange] {
    let mode = SQLMode()
    return bytes(text).withUnsafeBytes { NamedChanges.read($0, Classifier.classify($0, mode: mode), mode: mode) }
}

@Suite struct NamedChangesTests {
    @Test(
        arguments: [
            ("CREATE TEMPORARY TABLE a (b INT)", [.temporaryTableCreated(table("a"))]),
            (
                "CREATE OR REPLACE TEMPORARY TABLE IF NOT EXISTS `d b`.`a``x` AS SELECT 1",
                [.temporaryTableCreated(table("d b/a`x"))]
            ),
            ("CREATE TEMPORARY TABLE a.b LIKE c", [.temporaryTableCreated(table("a/b"))]),
            ("CREATE TEMPORARY SEQUENCE s", [.temporaryTableCreated(table("s"))]),
            ("CREATE TABLE a (b INT)", []), ("CREATE TEMPORARY NONSENSE", [.temporaryTableCreated(nil)]),
            ("DROP TEMPORARY TABLE a, b.c", [.tablesDropped([table("a"), table("b/c")])]),
            ("DROP TABLE IF EXISTS a, `b.c` CASCADE", [.tablesDropped([table("a"), table("b.c")])]),
            ("/* x */ drop temporary table A;", [.tablesDropped([table("A")])]),
            ("DROP VIEW a", []), ("SELECT 1", []), ("", []),
            ("ALTER TABLE a RENAME TO b", [.tableAltered(from: table("a"), to: table("b"))]),
            ("ALTER TABLE s.a ADD x INT, RENAME = t.b", [.tableAltered(from: table("s/a"), to: table("t/b"))]),
            ("ALTER TABLE a RENAME COLUMN x TO y, RENAME b", [.tableAltered(from: table("a"), to: table("b"))]),
            ("ALTER TABLE a RENAME INDEX x TO y", []), ("ALTER TABLE a ADD COLUMN rename_me INT", []),
            (
                "RENAME TABLE a TO b, s.c WAIT 5 TO t.d",
                [.tableRenamed(from: table("a"), to: table("b")), .tableRenamed(from: table("s/c"), to: table("t/d"))]
            ),
        ] as [(String, [NamedChange])])
    func `tables are named`(text: String, changes: [NamedChange]) { #expect(read(text) == changes) }

    @Test(
        arguments: [
            ("SELECT GET_LOCK('a', 1)", [.lockTaken(bytes("a"))]),
            ("SELECT GET_LOCK('A', -1) AS got, GET_LOCK(\"b\", 0)", [.lockTaken(bytes("a")), .lockTaken(bytes("b"))]),
            ("DO GET_LOCK('a', ?)", [.lockTaken(bytes("a"))]), ("SELECT GET_LOCK(?, 1)", [.lockTaken(nil)]),
            ("SELECT GET_LOCK('a', 1), RELEASE_LOCK('b')", [.lockTaken(bytes("a")), .lockReleased(bytes("b"))]),
            ("SELECT RELEASE_LOCK('a')", [.lockReleased(bytes("a"))]), ("DO RELEASE_ALL_LOCKS()", [.allLocksReleased]),
            ("SELECT GET_LOCK('a', 0), IS_USED_LOCK('a')", [.lockTaken(bytes("a"))]),
            ("SELECT 1, IS_FREE_LOCK('b') AS f, CONNECTION_ID(), RELEASE_LOCK('a')", [.lockReleased(bytes("a"))]),
            ("SELECT IS_USED_LOCK(RELEASE_LOCK('a'))", []), ("SELECT 1 + RELEASE_LOCK('a')", []),
            // Made never, or for each row.
            ("SELECT GET_LOCK('a', 1) FROM t", [.lockTaken(nil)]),
            ("SELECT IF(0, GET_LOCK('a', 1), 2)", [.lockTaken(nil)]),
            ("SELECT RELEASE_LOCK('a') FROM t", []), ("SELECT RELEASE_LOCK('a') WHERE 0", []),
            ("SELECT IF(0, RELEASE_ALL_LOCKS(), 1)", []), ("SELECT RELEASE_LOCK(?)", []),
            ("SELECT GET_LOCK('a''b', 1)", [.lockTaken(nil)]), ("SELECT GET_LOCK(CONCAT('a'), 1)", [.lockTaken(nil)]),
            ("SELECT GET_LOCK('a', 1) UNION SELECT 2", [.lockTaken(nil)]),
            ("SELECT 1; SELECT RELEASE_LOCK('a')", []), ("SELECT 1; SELECT GET_LOCK('a', 1)", [.lockTaken(nil)]),
        ] as [(String, [NamedChange])])
    func `locks are counted where each call is made once`(text: String, changes: [NamedChange]) {
        #expect(read(text) == changes)
    }

    @Test(
        arguments: [
            ("HANDLER t OPEN", [.handlerOpened(bytes("t"))]), ("HANDLER s.t OPEN AS h", [.handlerOpened(bytes("h"))]),
            ("HANDLER t OPEN h", [.handlerOpened(bytes("h"))]), ("HANDLER h CLOSE", [.handlerClosed(bytes("h"))]),
            ("HANDLER h READ FIRST", []), ("XA START 'x'", [.distributedTransactionBegan]),
            ("XA RECOVER", [.distributedTransactionsListed]),
            ("XA ROLLBACK 'x'", [.distributedTransactionEnded]), ("XA END 'x'", []),
            ("SET sql_log_bin = 0", [.binaryLogSwitched(on: false)]),
            ("SET SESSION sql_log_bin = ON", [.binaryLogSwitched(on: true)]),
            ("SET sql_log_bin = @@global.x", [.binaryLogSwitched(on: false)]),
            ("SET sql_log_bin = 1; SELECT 1", [.binaryLogSwitched(on: false)]),
        ] as [(String, [NamedChange])])
    func `handlers, distributed transactions and the binary log`(text: String, changes: [NamedChange]) {
        #expect(read(text) == changes)
    }
}
