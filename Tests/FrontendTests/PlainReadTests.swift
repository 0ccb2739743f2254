// Reads of which nothing is noted: which are, and that nothing is lost by that.
import Routing
import SQL
import Testing
import Wire

@testable import Frontend

private func command(_ text: String, _ mode: SQLMode = SQLMode(), code: CommandCode = .query) -> RunningCommand {
    let traits = Array(text.utf8).withUnsafeBytes { Classifier.classify($0, mode: mode) }
    return RunningCommand(
        code: code, replyKind: .query, traits: traits,
        decision: RoutingDecision(target: .reader, reason: .pureRead, isRepeatable: true))
}

private func end(_ status: StatusFlags, onMain: Bool) -> StatementEnd {
    StatementEnd(status: status, ranOnMain: onMain, lastInsertID: 0, warnings: 0, leftUnreported: false)
}

@Suite struct PlainReadTests {
    private static let plain = [
        "SELECT c FROM t WHERE id = 7", "select 1", "SELECT * FROM a JOIN b USING (id) ORDER BY x LIMIT 3",
        "WITH x AS (SELECT 1) SELECT * FROM x", "SELECT a FROM t UNION SELECT b FROM u", "SELECT COUNT(*) FROM t",
        "SELECT c FROM t WHERE id = ?",
    ]

    @Test(arguments: plain)
    func `a read that does nothing else leaves the session as it is, on whichever connection`(text: String) {
        #expect(command(text).isPlainRead && command(text, code: .statementExecute).isPlainRead)
        for mode in [SQLMode(), SQLMode(ansiQuotes: true), SQLMode(noBackslashEscapes: true)] {
            var state = SessionState(mode: mode)
            let traits = command(text, mode).traits
            for onMain in [true, false] {
                #expect(state.staysAsItIs(after: traits, end(state.unchangedStatus, onMain: onMain)))
            }
            // In a transaction, too.
            let begin = command("START TRANSACTION", mode).traits
            state.statementEnded(
                begin, end(state.unchangedStatus.union(.inTransaction), onMain: true), positionIsKnown: true)
            #expect(state.isInTransaction && state.unchangedStatus.contains(.inTransaction))
            #expect(state.staysAsItIs(after: traits, end(state.unchangedStatus, onMain: true)))
            #expect(!state.staysAsItIs(after: traits, end(.autocommit, onMain: true)))
        }
    }

    @Test(
        arguments: [
            "SELECT @x := 1", "SELECT 1 INTO @x", "SELECT GET_LOCK('a', 1)", "SELECT f(1)", "SELECT LAST_INSERT_ID(5)",
            "SELECT SQL_CALC_FOUND_ROWS * FROM t", "SELECT FOUND_ROWS()", "SELECT NEXTVAL(s)", "SHOW WARNINGS",
            "SELECT * FROM t FOR UPDATE", "SELECT 1; SELECT 2", "SELECT @x", "INSERT INTO t VALUES (1)",
            "SET NAMES utf8mb4", "BEGIN", "COMMIT", "CALL p()", "USE s", "DO 1", "SELECT 'open", "EXPLAIN SELECT 1",
            "SELECT @@warning_count", "",
        ])
    func `whatever may do more than read is noted in full`(text: String) {
        #expect(!command(text).isPlainRead)
    }

    @Test
    func `only a query and an execution of the client's own, and no long one, is a read of which nothing is noted`() {
        var read = command("SELECT 1")
        #expect(read.isPlainRead)
        read.purpose = .replay
        #expect(!read.isPlainRead)
        read.purpose = .client
        read.streams = true
        #expect(!read.isPlainRead)
        read.streams = false
        read.isUnread = true
        #expect(!read.isPlainRead)
        #expect(!command("SELECT 1", code: .statementPrepare).isPlainRead)
        #expect(!command("SELECT 1", code: .statementBulkExecute).isPlainRead)
    }

    @Test(
        arguments: [
            { $0.endedInError = true }, { $0.outcomeIsUnknown = true }, { $0.isInterrupted = true },
            { $0.awaitsReport = true }, { $0.reportIsIncomplete = true }, { $0.reportedStateChange = true },
            { $0.namedChange = true }, { $0.reportedCollation = true }, { $0.reportedPosition = true },
            { $0.resultReportsPosition = true }, { $0.changedRows = true }, { $0.endedUntold = true },
            { $0.lastInsertID = 3 }, { $0.warnings = 1 }, { $0.setsTracking = .all },
            { $0.askedVariables = [[1]] }, { $0.textUse = TextUse(.anything) }, { $0.wishes = CommandWishes() },
        ] as [@Sendable (inout RunningCommand) -> Void])
    func `whatever was heard beside the rows is noted in full`(heard: @Sendable (inout RunningCommand) -> Void) {
        var read = command("SELECT 1")
        #expect(read.heardNothing)
        heard(&read)
        #expect(!read.heardNothing)
    }

    @Test func `flags that are not the session's are no plain end`() {
        let state = SessionState(mode: SQLMode())
        #expect(state.unchangedStatus == .autocommit)
        let ansi = SessionState(mode: SQLMode(ansiQuotes: true, noBackslashEscapes: true))
        #expect(ansi.unchangedStatus == [.autocommit, .ansiQuotes, .noBackslashEscapes])
        let traits = command("SELECT 1").traits
        #expect(!state.staysAsItIs(after: traits, end([.autocommit, .noBackslashEscapes], onMain: false)))
        #expect(!state.staysAsItIs(after: traits, end([], onMain: true)))
    }
}
