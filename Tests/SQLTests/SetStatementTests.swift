// Assignments of SET statements and names of temporary tables.

import SQL
import Testing

@Suite struct SetStatementTests {
    /// Assignments as `scope name=value`, a `@@` before a bare name, a `!` behind an expression.
    private func assignments(_ text: String) -> [String] {
        let bytes = Array(text.utf8)
        return bytes.withUnsafeBytes { SetStatement.assignments($0, mode: SQLMode()) }.map { found in
            let name = String(decoding: found.name, as: UTF8.self)
            let value = String(decoding: bytes[found.value], as: UTF8.self)
            return "\(found.scope) \(found.isBare ? "@@" : "")\(name)=\(value)\(found.isLiteral ? "" : "!")"
        }
    }

    @Test(arguments: [
        ("SET sql_mode = 'ANSI'", ["session sql_mode='ANSI'"]),
        ("set SESSION Time_Zone='+00:00', @@session.a := 1", ["session time_zone='+00:00'", "session a=1"]),
        ("SET LOCAL a=ON, `B`=DEFAULT", ["session a=ON", "session b=DEFAULT"]),
        ("SET @@a = -5", ["session @@a=-5"]),
        ("SET GLOBAL a = 1, b = 2, SESSION c = 3", ["global a=1", "global b=2", "session c=3"]),
        ("SET PERSIST a = 1, @@persist_only.b = 2", ["persist a=1", "persist b=2"]),
        ("SET @@global.a = 1, @@local.b = 2", ["global a=1", "session b=2"]),
        ("SET @X = 'y', @`A b` = 1.5, @'q' = NULL", ["user x='y'", "user a b=1.5", "user q=NULL"]),
        ("SET @a = @b + 1, c = f(1, 2) ;", ["user a=@b + 1!", "session c=f(1, 2)!"]),
        ("SET @@transaction_isolation = 'SERIALIZABLE'", ["nextTransaction @@transaction_isolation='SERIALIZABLE'"]),
        (
            "SET NAMES utf8mb4 COLLATE utf8mb4_bin, a = 1",
            ["session names=utf8mb4", "session names collate=utf8mb4_bin", "session a=1"]
        ),
        ("SET NAMES DEFAULT", ["session names=DEFAULT"]),
        ("SET CHARACTER SET 'utf8'", ["session character set='utf8'"]),
        ("SET a = _utf8mb4'x'", ["session a=_utf8mb4'x'"]),
        ("SET a = 1 + 1", ["session a=1 + 1!"]),
        ("SET a = (SELECT 1), b = 2", ["session a=(SELECT 1)!", "session b=2"]),
        ("SET cache.key_buffer_size = 1", ["session cache.key_buffer_size=1"]),
        ("SET", []), ("SET a", []), ("SET a = 1, b", []), ("SELECT 1", []), ("", []),
        ("SET PASSWORD = 'x'", []), ("SET ROLE r", []), ("SET TRANSACTION READ ONLY", []),
        ("SET SESSION TRANSACTION READ ONLY", []), ("SET STATEMENT a = 1 FOR SELECT 1", []),
        ("/*!40101 SET a = 1 */", ["session a=1"]),
    ])
    func `a SET statement has these assignments`(_ text: String, _ expected: [String]) {
        #expect(assignments(text) == expected)
    }

    @Test func `a sentence of many assignments is cut at the limit`() {
        let text = "SET " + (0..<1000).map { "a\($0) = \($0)" }.joined(separator: ", ")
        #expect(assignments(text).count == SetStatement.assignmentsMaximum)
    }

    @Test func `what is carried as session state is made of literals of known scope`() {
        for row in ClassifierTable.rows where row.access == .sessionState && row.kind == .setVariables {
            let bytes = Array(row.statement.utf8)
            let found = bytes.withUnsafeBytes { SetStatement.assignments($0, mode: row.mode) }
            #expect(!found.isEmpty, "\(row.statement)")
            #expect(found.allSatisfy { $0.isLiteral && !$0.isBare && $0.scope == .session }, "\(row.statement)")
        }
    }
}
