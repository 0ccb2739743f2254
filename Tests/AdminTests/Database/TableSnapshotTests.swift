// The equality look-up behind joins: too much is allowed, too little is not.

import Testing

@testable import Admin

@Suite struct TableSnapshotTests {
    private let snapshot = TableSnapshot(rows: [
        [1, "a", 1.0, 1], [2, "b", 2.0, "1"], [1, .null, 1.0, .null], [.null, "a", 3.0],
    ])

    @Test func `values of one storage class are looked up`() {
        #expect(snapshot.rows(whereColumn: 0, equals: 1) == [0, 2])
        #expect(snapshot.rows(whereColumn: 0, equals: 9) == [])
        #expect(snapshot.rows(whereColumn: 1, equals: "a") == [0, 3])
    }

    @Test func `NULL equals nothing`() {
        #expect(snapshot.rows(whereColumn: 0, equals: .null) == [])
        #expect(snapshot.rows(whereColumn: 2, equals: .null) == [])
    }

    @Test func `where SQLite would convert, only a scan can tell`() {
        #expect(snapshot.rows(whereColumn: 0, equals: "1") == nil)
        #expect(snapshot.rows(whereColumn: 0, equals: 1.0) == nil)
        #expect(snapshot.rows(whereColumn: 1, equals: 1) == nil)
        #expect(snapshot.rows(whereColumn: 2, equals: 1) == nil)
        #expect(snapshot.rows(whereColumn: 3, equals: 1) == nil)
    }

    @Test func `a join of large tables is looked up, not multiplied`() throws {
        let rowCount = 20_000
        let columns = [ConsoleColumn(name: "id", type: .integer)]
        let tables = ["a", "b"].map { name in
            ConsoleTable(name: name, comment: "", columns: columns) { (0..<rowCount).map { [.integer(Int64($0))] } }
        }
        // Multiplied, this is 400 million steps: the statement's own time bound would end it with an error.
        let rows = try ConsoleDatabase(tables: tables).run("SELECT COUNT(*) FROM a JOIN b ON a.id = b.id").rows
        #expect(rows == [[.integer(Int64(rowCount))]])
    }
}
