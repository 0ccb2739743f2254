// A result in print.

import Testing

@testable import Admin

@Suite struct ConsoleTextTableTests {
    private let result = ConsoleResult(
        columns: [
            ConsoleColumn(name: "node", type: .text), ConsoleColumn(name: "lag", type: .integer),
            ConsoleColumn(name: "lag", type: .real),
        ],
        rows: [["db1", 5, 1.0], ["日本, \"x\"\u{1B}", .null, 2.5], ["", -12, .null]])

    @Test func `a table is aligned and shows control characters`() {
        let lines = ConsoleTextTable(result).table().split(separator: "\n")
        #expect(lines.count == 7)
        #expect(lines[0] == "+-----------------+------+------+")
        #expect(lines[3] == "| db1             |    5 |    1 |")
        #expect(lines[4] == "| 日本, \"x\"\\u{1b} | NULL |  2.5 |")
        #expect(lines[5] == "|                 |  -12 | NULL |")
    }

    @Test func `CSV quotes what needs it and tells NULL from empty`() {
        let expected = "node,lag,lag\ndb1,5,1\n\"日本, \"\"x\"\"\u{1B}\",,2.5\n\"\",-12,\n"
        #expect(ConsoleTextTable(result).render(as: .csv) == expected)
    }

    @Test func `JSON escapes text and tells equal names apart`() {
        let expected = """
            [
              {"node": "db1", "lag": 5, "lag_2": 1.0},
              {"node": "日本, \\"x\\"\\u001b", "lag": null, "lag_2": 2.5},
              {"node": "", "lag": -12, "lag_2": null}
            ]

            """
        #expect(ConsoleTextTable(result).render(as: .json) == expected)
    }

    @Test func `a result without rows or columns is printed too`() {
        let empty = ConsoleResult(columns: [ConsoleColumn(name: "a", type: .text)], rows: [])
        #expect(ConsoleTextTable(empty).table() == "+---+\n| a |\n+---+\n")
        #expect(ConsoleTextTable(empty).json() == "[]\n")
        #expect(ConsoleTextTable(.ok(affectedRows: 2)).table() == "OK, 2 affected\n")
        #expect(ConsoleTextTable(.ok(affectedRows: 2)).json() == "{\"affectedRows\": 2}\n")
    }
}
