// What is kept of an open transaction, and what keeps it from being repeated.
import Routing
import SQL
import Testing
import Wire

@testable import Frontend

@Suite struct TransactionJournalTests {
    private func command(_ text: String) -> TransactionJournal.Command {
        let traits = Array(text.utf8).withUnsafeBytes { Classifier.classify($0, mode: SQLMode()) }
        return TransactionJournal.Command(
            code: .query, traits: traits,
            decision: RoutingDecision(target: .transaction, reason: .insideTransaction, isRepeatable: false),
            statement: nil)
    }

    private func run(_ text: String, in journal: TransactionJournal, limit: Int = 1_000, insertID: UInt8 = 0) {
        Array(text.utf8).withUnsafeBytes { journal.begin(command(text), $0, limit: limit) }
        [0, 1, insertID, 0, 0, 0, 0].withUnsafeBytes { journal.checksum.addEnd(.ok, $0, [.protocol41]) }
        journal.complete()
    }

    private func refusal(_ text: String, in journal: TransactionJournal = TransactionJournal()) -> ReplayRefusal? {
        journal.refusal(of: command(text).traits)
    }

    @Test func `statements are kept in their order, each with its packets`() {
        let journal = TransactionJournal()
        run("BEGIN", in: journal)
        run("UPDATE t SET a = 1", in: journal)
        #expect(journal.entries.count == 2)
        #expect(
            journal.entries.map { String(decoding: journal.packets($0), as: UTF8.self) } == [
                "BEGIN", "UPDATE t SET a = 1",
            ])
        #expect(journal.refusal == nil)
    }

    @Test func `more bytes than the limit end it, and free what it held`() {
        let journal = TransactionJournal()
        run("BEGIN", in: journal, limit: 10)
        run("SELECT 12", in: journal, limit: 10)
        #expect(journal.refusal == .tooLarge)
        #expect(journal.entries.isEmpty && journal.countedBytes == 0)
    }

    @Test func `what was not answered can be forgotten, and nothing can follow it`() {
        let journal = TransactionJournal()
        run("BEGIN", in: journal)
        Array("SELECT 1".utf8).withUnsafeBytes { journal.begin(command("SELECT 1"), $0, limit: 1_000) }
        journal.forgetUnanswered()
        #expect(journal.entries.count == 1)
        Array("SELECT 1".utf8).withUnsafeBytes { journal.begin(command("SELECT 1"), $0, limit: 1_000) }
        run("SELECT 2", in: journal)
        #expect(journal.refusal == .notComparable)
    }

    @Test func `the first reason stays`() {
        let journal = TransactionJournal()
        journal.refuse(.sessionState)
        journal.refuse(.tooLarge)
        #expect(journal.refusal == .sessionState)
        journal.empty(keeping: 0)
        #expect(journal.refusal == nil)
    }

    @Test(arguments: [
        "SELECT a FROM t WHERE b = 1 FOR UPDATE", "INSERT INTO t VALUES (1)", "REPLACE INTO t VALUES (1)",
        "UPDATE t SET a = 1", "DELETE FROM t", "BEGIN", "SAVEPOINT a", "ROLLBACK TO SAVEPOINT a", "COMMIT",
        "SELECT NOW()", "SELECT @a", "WITH c AS (SELECT 1) SELECT * FROM c",
    ])
    func `can be repeated`(text: String) { #expect(refusal(text) == nil) }

    @Test(arguments: [
        "SET @a = 1", "SELECT 1 INTO @a", "CREATE TEMPORARY TABLE t (a INT)", "SELECT GET_LOCK('a', 1)",
        "LOCK TABLES t WRITE", "HANDLER t OPEN", "PREPARE s FROM 'SELECT 1'", "EXECUTE s", "SELECT f()", "USE d",
        "SET NAMES utf8mb4", "SET sql_log_bin = 0", "SET ROLE r", "SELECT LAST_INSERT_ID()",
    ])
    func `needs what a new connection does not have`(text: String) { #expect(refusal(text) == .sessionState) }

    @Test(arguments: [
        "CALL p()", "SELECT 1; SELECT 2", "SELECT * FROM t INTO OUTFILE 'a'", "LOAD DATA LOCAL INFILE 'a' INTO TABLE t",
        "CREATE TABLE t (a INT)", "KILL 1", "SELECT CONNECTION_ID()", "SHOW STATUS", "XA BEGIN 'a'", "nonsense",
    ])
    func `cannot be compared`(text: String) { #expect(refusal(text) != nil) }

    @Test func `LAST_INSERT_ID() can be repeated when the transaction made the number`() {
        let journal = TransactionJournal()
        run("BEGIN", in: journal)
        #expect(refusal("SELECT LAST_INSERT_ID()", in: journal) == .sessionState)
        run("INSERT INTO t VALUES (NULL)", in: journal, insertID: 5)
        #expect(refusal("SELECT LAST_INSERT_ID()", in: journal) == nil)
        #expect(journal.entries.last?.insertID == 5)
    }
}
