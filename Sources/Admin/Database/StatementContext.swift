// What SQLite's callbacks share with the database during one statement: deadline, refusal, session, snapshots.

/// The state behind the C callbacks. Confined to the database's queue, like the database that owns it.
final class StatementContext {
    /// Who asks.
    private(set) var session = ConsoleSession()
    /// What the authorizer refused, for the error text; the first refusal wins.
    private(set) var refused: String?
    let variables: SystemVariables
    private var deadline: ContinuousClock.Instant?
    private var snapshots: [ObjectIdentifier: TableSnapshot] = [:]

    init(variables: SystemVariables) { self.variables = variables }

    /// A statement begins.
    func begin(session: ConsoleSession, timeout: Duration) {
        self.session = session
        deadline = ContinuousClock.now.advanced(by: timeout)
        refused = nil
    }

    /// The statement ended; its snapshots go.
    func end() {
        snapshots.removeAll()
        deadline = nil
    }

    /// Whether the statement has used its time. Outside a statement nothing is late.
    var isLate: Bool {
        guard let deadline else { return false }
        return ContinuousClock.now >= deadline
    }

    /// The authorizer refused something.
    func refuse(_ what: String) { if refused == nil { refused = what } }

    /// The rows of a table: taken at the first scan, the same for every scan of this statement.
    func snapshot(of binding: TableBinding) -> TableSnapshot {
        if let snapshot = snapshots[ObjectIdentifier(binding)] { return snapshot }
        let snapshot = TableSnapshot(rows: binding.table.rows())
        snapshots[ObjectIdentifier(binding)] = snapshot
        return snapshot
    }
}

/// One console table as SQLite holds it.
final class TableBinding {
    let table: ConsoleTable
    let schema: String
    /// Owned by the database, which outlives its tables.
    unowned let context: StatementContext

    init(table: ConsoleTable, schema: String, context: StatementContext) {
        self.table = table
        self.schema = schema
        self.context = context
    }
}

/// The rows of one table during one statement, with an equality index per column that a join asked for.
final class TableSnapshot {
    let rows: [[ConsoleValue]]
    /// By column; nil inside for a column whose values are not all of the type looked up.
    private var indexes: [Int: EqualityIndex] = [:]

    init(rows: [[ConsoleValue]]) { self.rows = rows }

    /// The rows whose `column` may equal `value`, or nil if only a full scan can tell. SQLite compares again, so
    /// this may return too much but never too little: it answers only where both sides have one storage class.
    func rows(whereColumn column: Int, equals value: ConsoleValue) -> [Int]? {
        let index: EqualityIndex
        if let known = indexes[column] {
            index = known
        } else {
            index = EqualityIndex(rows: rows, column: column)
            indexes[column] = index
        }
        switch (index, value) {
        case (_, .null): return []
        case (.integers(let positions), .integer(let key)): return positions[key] ?? []
        case (.texts(let positions), .text(let key)): return positions[key] ?? []
        case (.integers, _), (.texts, _), (.unusable, _): return nil
        }
    }
}

/// Row positions by the value of one column.
private enum EqualityIndex {
    case integers([Int64: [Int]])
    /// Swift compares text by canonical equivalence, SQLite by bytes: a superset, as required.
    case texts([String: [Int]])
    /// Mixed or real values: SQLite's conversions decide, not a dictionary.
    case unusable

    init(rows: [[ConsoleValue]], column: Int) {
        var integers: [Int64: [Int]] = [:]
        var texts: [String: [Int]] = [:]
        for (position, row) in rows.enumerated() where column < row.count {
            switch row[column] {
            case .null: continue
            case .integer(let value): integers[value, default: []].append(position)
            case .text(let value): texts[value, default: []].append(position)
            case .real:
                self = .unusable
                return
            }
        }
        switch (integers.isEmpty, texts.isEmpty) {
        case (false, false): self = .unusable
        case (_, true): self = .integers(integers)
        case (true, false): self = .texts(texts)
        }
    }
}
