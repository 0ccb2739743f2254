// Which user variables a statement may change.

import SQL
import Testing

private func changes(_ text: String) -> [String]? {
    let mode = SQLMode()
    let found = Array(text.utf8).withUnsafeBytes {
        UserVariableNames.changes($0, Classifier.classify($0, mode: mode), mode: mode)
    }
    return found?.map { change in
        String(decoding: change.name, as: UTF8.self)
            + (change.number.map { "=" + String(decoding: $0, as: UTF8.self) } ?? "")
    }
}

@Suite struct UserVariableNamesTests {
    @Test(
        arguments: [
            ("SET @a = 1", ["a=1"]), ("SET @A = -1.50, @`b c` = 2", nil), ("SET @`B` := 2", ["b=2"]),
            ("SET @a = 'x', @b = 7", ["a", "b=7"]), ("SET @a = NULL", ["a"]), ("SET @a = 1e3", ["a"]),
            ("SET @a = 0x41", ["a"]), ("SET @a = @b + 1", ["a", "b"]), ("SET sql_mode = '', @a = 5", ["a=5"]),
            ("SELECT @a := 1", ["a"]), ("SELECT 1, 2 INTO @x, @y", ["x", "y"]), ("CALL p(@out)", ["out"]),
            ("LOAD DATA INFILE 'x' INTO TABLE t (a, @b) SET c = @b", ["b"]), ("SET @'é' = 1", nil),
            ("SET @'a ' = 1", nil),
            ("SELECT 1", nil),
        ] as [(String, [String]?)])
    func `variables are named, and numbers told`(text: String, names: [String]?) { #expect(changes(text) == names) }

    @Test(
        arguments: [
            ("SET @a = 'SELECT ''1'''", "SELECT '1'"), (#"SET @a = "x\ny""#, "x\ny"), ("SET @a = ''", ""),
            ("SET @a = 5", nil), ("SET @a = 'é'", nil), ("SET @a = _latin1'x'", nil), ("SET @a = N'x'", nil),
            ("SET @a = CONCAT('x')", nil), ("SET @a = 'x' 'y'", nil), ("SET @a = x'41'", nil), ("SET @a = NULL", nil),
            ("SELECT @a := 'x'", nil),
        ] as [(String, String?)])
    func `strings of plain letters are told`(text: String, content: String?) {
        let mode = SQLMode()
        let found = Array(text.utf8).withUnsafeBytes {
            UserVariableNames.changes($0, Classifier.classify($0, mode: mode), mode: mode)
        }
        #expect(found?.count == 1 && found?.first?.text == content.map { Array($0.utf8) })
    }

    @Test func `more variables than can be kept are not told`() {
        let many = (0..<65).map { "@v\($0) = \($0)" }.joined(separator: ", ")
        #expect(changes("SET " + many) == nil)
    }
}
