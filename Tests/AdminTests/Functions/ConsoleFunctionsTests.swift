// The functions of MySQL that SQLite lacks.

import Testing

@testable import Admin

@Suite struct ConsoleFunctionsTests {
    @Test(arguments: [
        ("CONCAT('a', 1, 2.5)", ConsoleValue.text("a12.5")), ("CONCAT('a', NULL)", .null),
        ("CONCAT_WS(', ', 'a', NULL, 'b')", "a, b"), ("IF(1 > 2, 'y', 'n')", "n"), ("IF(NULL, 1, 2)", 2),
        ("IF('2x', 1, 2)", 1), ("IFNULL(NULL, 3)", 3), ("LEFT('héllo', 2)", "hé"), ("LEFT('x', -1)", ""),
        ("RIGHT('abc', 9)", "abc"), ("LCASE('AB')", "ab"), ("CHAR_LENGTH('hé')", 2), ("ISNULL(NULL)", 1),
        ("GREATEST(1, 5, 3)", 5), ("LEAST('b', 'a')", "a"), ("GREATEST(1, NULL)", .null),
        ("FORMAT(1234567.891, 2)", "1,234,567.89"), ("FORMAT(-0.5, 0)", "-1"), ("FORMAT(999, 0)", "999"),
        ("FORMAT(0.001, 2)", "0.00"), ("FORMAT(-0.001, 2)", "0.00"), ("FORMAT(1e300, 2)", "1e+300"),
        ("DATABASE()", "switchyard"), ("VERSION()", "8.0.36-switchyard"),
        ("FROM_UNIXTIME(0)", "1970-01-01 00:00:00"), ("FROM_UNIXTIME(1740823200.5)", "2025-03-01 10:00:00.500000"),
        ("UNIX_TIMESTAMP('2025-03-01 10:00:00')", 1_740_823_200), ("UNIX_TIMESTAMP('nonsense')", .null),
        ("UNIX_TIMESTAMP('1970-01-02')", 86_400), ("FROM_UNIXTIME(1e15)", .null),
        ("'switchyard' LIKE 'SWITCH%'", 1), ("'a_b' LIKE 'a\\_b'", 1), ("'axb' LIKE 'a\\_b'", 0),
        ("INSTR('héllo', 'l')", 3), ("INSTR('a', '')", 1), ("INSTR('a', 'ab')", 0), ("INSTR('aab', 'ab')", 2),
        ("INSTR(NULL, 'a')", .null), ("INSTR(1234, 34)", 3), ("REPLACE('aXbXX', 'X', 'yy')", "ayybyyyy"),
        ("REPLACE('aaa', 'aa', 'b')", "ba"), ("REPLACE('a', '', 'b')", "a"), ("REPLACE('a', 'a', NULL)", .null),
        ("REPLACE('', 'a', 'b')", ""), ("TRIM('xxayx', 'xy')", "a"), ("LTRIM('éa', 'é')", "a"),
        ("RTRIM('abb', 'b')", "a"),
        ("RTRIM('bb', 'b')", ""), ("TRIM('a', '')", "a"), ("TRIM(NULL, 'a')", .null), ("TRIM('  a ')", "a"),
        ("'50%' LIKE '50|%' ESCAPE '|'", 1), ("'a' LIKE NULL", .null), ("'a' NOT LIKE 'b'", 1),
    ])
    func `a function answers as in MySQL`(expression: String, expected: ConsoleValue) throws {
        #expect(try SampleConsole.rows("SELECT \(expression)") == [[expected]])
    }

    @Test func `the session is known to the functions`() throws {
        let session = ConsoleSession(user: "admin@10.0.0.1", connectionID: 42)
        let result = try SampleConsole.database().run(
            "SELECT USER(), CURRENT_USER(), CURRENT_USER, CONNECTION_ID()", session: session)
        #expect(result.rows == [["admin@10.0.0.1", "admin@10.0.0.1", "admin@10.0.0.1", 42]])
    }

    @Test func `NOW agrees with UNIX_TIMESTAMP`() throws {
        let rows = try SampleConsole.rows("SELECT UNIX_TIMESTAMP() - UNIX_TIMESTAMP(NOW()) BETWEEN 0 AND 60")
        #expect(rows == [[1]])
        guard case .text(let precise) = try SampleConsole.rows("SELECT NOW(6)")[0][0] else {
            Issue.record("NOW(6) is no text")
            return
        }
        #expect(precise.utf8.count == 26)
    }

    @Test(
        arguments: [
            (0, "1970-01-01 00:00:00.000000"), (-1, "1969-12-31 23:59:59.999999"),
            (951_782_400_000_000, "2000-02-29 00:00:00.000000"),
            (253_402_300_799_999_999, "9999-12-31 23:59:59.999999"),
            (-62_135_596_800_000_000, "0001-01-01 00:00:00.000000"),
        ] as [(Int64, String)])
    func `a time survives the way to text and back`(microseconds: Int64, text: String) {
        #expect(ConsoleDateTime.text(microseconds: microseconds) == text)
        #expect(ConsoleDateTime.microseconds(text) == microseconds)
    }

    @Test(arguments: ["", "2025", "2025-02-30", "2025-13-01", "2025-01-01 24:00:00", "2025-01-01 1:2", "0000-00-00"])
    func `what is no time is not read as one`(text: String) {
        #expect(ConsoleDateTime.microseconds(text) == nil)
    }

    @Test func `the latest percent sign alone is retried`() {
        let text = String(repeating: "a", count: 5_000)
        let pattern = String(repeating: "%a", count: 60) + "%b"
        #expect(!LikePattern(pattern).matches(text))
        #expect(LikePattern("%a%b%").matches("xxaxxbxx"))
        #expect(LikePattern("_%_").matches("ab"))
        #expect(!LikePattern("_%_").matches("a"))
        #expect(LikePattern("").matches(""))
        #expect(!LikePattern("").matches("a"))
    }
}
