// SQL text: tokenizer, classifier, digest, the assignments of SET, names of temporary tables and roles.
import SQL

enum StatementsTarget {
    static func run(_ bytes: UnsafeRawBufferPointer) {
        var choices = FuzzChoices(bytes)
        let flags = choices.byte()
        let mode = SQLMode(
            ansiQuotes: flags & 1 != 0, noBackslashEscapes: flags & 2 != 0, ignoreSpace: flags & 4 != 0,
            ambiguousCharacterSet: flags & 8 != 0, dialect: flags & 16 != 0 ? .mySQL : .mariaDB)
        let text = choices.rest
        tokensAdvance(text, mode)
        let traits = Classifier.classify(text, mode: mode)
        precondition(Int(traits.decidingOffset) + Int(traits.decidingLength) <= text.count, "outside of the text")
        precondition(
            traits.statementCount < 2 || traits.access == .primary, "several statements, and not for the primary")
        let digest = Digest.text(of: text, mode: mode, maximumLength: 64)
        precondition(digest.count <= 64, "a digest that is too long")
        _ = Digest.hash(of: text, mode: mode)
        for assignment in SetStatement.assignments(text, mode: mode) {
            precondition(assignment.value.upperBound <= text.count, "a value outside of the text")
        }
        _ = NamedChanges.read(text, traits, mode: mode)
        for change in UserVariableNames.changes(text, traits, mode: mode) ?? [] {
            precondition(change.text?.count ?? 0 <= text.count, "a string that is longer than its literal")
        }
        if case .executeImmediate(let immediate) = NamedStatement.read(text, mode: mode) {
            precondition(immediate.sourceEnd <= text.count, "a source outside of the text")
        }
        if let clause = SetRoleStatement.clause(text, mode: mode) {
            let whole = Array("SET ROLE ".utf8) + clause
            let again = whole.withUnsafeBytes { SetRoleStatement.clause($0, mode: mode) }
            precondition(again == clause, "a role that is another when it is written again")
        }
    }

    private static func tokensAdvance(_ text: UnsafeRawBufferPointer, _ mode: SQLMode) {
        var tokenizer = Tokenizer(text, mode: mode)
        var end = 0
        while true {
            let token = tokenizer.next()
            precondition(token.start >= end && token.end <= text.count, "tokens overlap")
            guard token.kind != .end, token.kind != .unterminated else { return }
            precondition(token.end > token.start, "a token without bytes")
            end = token.end
        }
    }

    static let seeds: [[UInt8]] = [
        "SELECT a, `b c`, 'it''s' FROM t.u WHERE x = ? AND y > 1.5e3 -- end\n FOR UPDATE",
        "SET NAMES utf8mb4 COLLATE utf8mb4_bin, @@session.sql_mode = 'ANSI', @x := 1, GLOBAL y = DEFAULT",
        "/*!50003 CREATE */ /*M!100100 OR REPLACE */ TEMPORARY TABLE IF NOT EXISTS a.`b``c` (i INT)",
        "INSERT INTO t VALUES (x'ff', b'01', 0xff, N'n', _utf8mb4'x', .5, 1e5) RETURNING id; COMMIT AND CHAIN",
        "WITH RECURSIVE c AS (SELECT 1) SELECT LAST_INSERT_ID(), GET_LOCK('a', 1), nextval(s), f (1) INTO @v FROM c",
        "START TRANSACTION READ ONLY, WITH CONSISTENT SNAPSHOT; XA START 'x'; LOCK TABLES t READ; HANDLER t OPEN",
        "SET ROLE ALL EXCEPT r, 'a'@`%`", "EXECUTE IMMEDIATE 'SELECT ''?' USING @a, 5", "PREPARE p FROM @a",
        "SET @a = 'it''s', @`b` = -1.5",
        "EXPLAIN FORMAT=JSON DELETE FROM t; KILL QUERY 5; SHOW FULL PROCESSLIST; CALL p(@a); DO SLEEP(1)",
    ].enumerated().map { [UInt8($0.offset * 5 % 32)] + Array($0.element.utf8) }
}
