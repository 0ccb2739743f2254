// The form of a row in the classifier's tables, and the tests that run over all rows.

import SQL
import Testing

/// One statement and everything the classifier must say about it.
struct Row: Sendable, CustomTestStringConvertible {
    let statement: String
    let kind: StatementKind
    let access: StatementAccess
    let transaction: TransactionEffect
    let effects: StatementEffects
    let reason: ClassificationReason?
    let count: UInt16
    let mode: SQLMode

    init(
        _ statement: String, _ kind: StatementKind, _ access: StatementAccess, _ effects: StatementEffects = [],
        _ transaction: TransactionEffect = .none, why reason: ClassificationReason? = nil, count: UInt16 = 1,
        mode: SQLMode = SQLMode()
    ) {
        self.statement = statement
        self.kind = kind
        self.access = access
        self.transaction = transaction
        self.effects = effects
        self.reason = reason
        self.count = count
        self.mode = mode
    }

    var testDescription: String { statement }
}

let mySQL = SQLMode(dialect: .mySQL)

func classify(_ statement: String, mode: SQLMode = SQLMode()) -> StatementTraits {
    classify(Array(statement.utf8), mode: mode)
}

func classify(_ bytes: [UInt8], mode: SQLMode = SQLMode()) -> StatementTraits {
    bytes.withUnsafeBytes { Classifier.classify($0, mode: mode) }
}

enum ClassifierTable {
    static let rows: [Row] =
        reads + functions + locking + writes + sets + transactions + shows + definitions + administration + spelling
        + multiples + drivers
}

@Suite struct ClassifierTableTests {
    @Test func `every row of the table is classified as it says`() {
        for row in ClassifierTable.rows {
            let traits = classify(row.statement, mode: row.mode)
            #expect(traits.kind == row.kind, "\(row.statement)")
            #expect(traits.access == row.access, "\(row.statement): \(traits.reason)")
            #expect(traits.transaction == row.transaction, "\(row.statement)")
            #expect(traits.effects == row.effects, "\(row.statement): \(describe(traits.effects, row.effects))")
            #expect(traits.statementCount == row.count, "\(row.statement)")
            if let reason = row.reason { #expect(traits.reason == reason, "\(row.statement)") }
        }
    }

    private func describe(_ found: StatementEffects, _ expected: StatementEffects) -> String {
        "unexpected bits \(bits(found.subtracting(expected))), missing bits \(bits(expected.subtracting(found)))"
    }

    private func bits(_ effects: StatementEffects) -> [Int] {
        (0..<64).filter { effects.rawValue & (1 << UInt64($0)) != 0 }
    }

    @Test func `the table has at least 550 rows and no statement twice`() {
        #expect(ClassifierTable.rows.count >= 550)
        var seen = Set<String>()
        for row in ClassifierTable.rows {
            let key = "\(row.statement) \(row.mode)"
            #expect(seen.insert(key).inserted, "twice: \(row.statement)")
        }
    }

    @Test func `letter case does not change the traits`() {
        for row in ClassifierTable.rows {
            let traits = classify(row.statement, mode: row.mode)
            // The letters of `/*M!` and of strings count, but no row's verdict hangs on a string's case.
            let lower = row.statement.lowercased().replacing("/*m!", with: "/*M!")
            #expect(classify(lower, mode: row.mode) == traits, "\(lower)")
            let upper = row.statement.uppercased()
            #expect(classify(upper, mode: row.mode) == traits, "\(upper)")
        }
    }

    @Test func `comments and space before, behind and between words change nothing but places`() {
        for row in ClassifierTable.rows where row.kind != .empty && row.kind != .unknown {
            let traits = classify(row.statement, mode: row.mode)
            let dressed = classify("/* a ; b */ -- c\n \t" + row.statement + "\n# d", mode: row.mode)
            #expect(dressed.access == traits.access, "\(row.statement)")
            #expect(dressed.kind == traits.kind, "\(row.statement)")
            #expect(dressed.effects == traits.effects, "\(row.statement)")
            #expect(dressed.transaction == traits.transaction, "\(row.statement)")
            let spaced = row.statement.replacing(" ", with: "\t/**/\n")
            if !row.statement.contains(where: { "'\"`#-/".contains($0) }) {
                #expect(classify(spaced, mode: row.mode).access == traits.access, "\(spaced)")
            }
        }
    }

    @Test func `a semicolon at the end changes nothing`() {
        for row in ClassifierTable.rows where row.kind != .empty && row.kind != .unknown {
            let traits = classify(row.statement, mode: row.mode)
            #expect(classify(row.statement + " ; ", mode: row.mode) == traits, "\(row.statement)")
        }
    }

    @Test func `a read followed by any statement is no read`() {
        for row in ClassifierTable.rows where row.kind != .empty && row.kind != .unknown {
            let traits = classify("SELECT 1; " + row.statement, mode: row.mode)
            #expect(traits.access == .primary, "\(row.statement)")
            // What asks about the statement before it asks about that read.
            let effects = row.effects.subtracting([.readsRowCount, .readsFoundRows])
            #expect(traits.effects.isSuperset(of: effects.union(.multiStatement)), "\(row.statement)")
            #expect(traits.transaction == row.transaction, "\(row.statement)")
        }
    }

    @Test func `what decided lies inside the text`() {
        for row in ClassifierTable.rows {
            let traits = classify(row.statement, mode: row.mode)
            #expect(
                Int(traits.decidingOffset) + Int(traits.decidingLength) <= row.statement.utf8.count,
                "\(row.statement)")
        }
    }

    @Test func `every reason has words of its own`() {
        let texts = Set(ClassificationReason.allCases.map(\.text))
        #expect(texts.count == ClassificationReason.allCases.count)
        #expect(texts.allSatisfy { !$0.isEmpty && !$0.hasSuffix(".") })
    }
}
