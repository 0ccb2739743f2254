// Hints in comments: where they are looked for, and how they read.

import SQL
import Testing

@Suite struct StatementHintsTests {
    /// The hints of a whole statement, as the classifier finds them; nil when it has none.
    private func hints(_ text: String, _ mode: SQLMode = SQLMode()) -> StatementHints? {
        Array(text.utf8).withUnsafeBytes { bytes in
            let traits = Classifier.classify(bytes, mode: mode)
            guard traits.hintLength > 0 else { return nil }
            let start = Int(traits.hintOffset)
            return StatementHints.parse(
                UnsafeRawBufferPointer(rebasing: bytes[start..<(start + Int(traits.hintLength))]))
        }
    }

    @Test(arguments: [
        "/* switchyard: route=primary */ SELECT 1", "SELECT 1 /* switchyard: route=primary */",
        "SELECT 1 /*switchyard route=primary*/", "SELECT 1 -- switchyard route=primary",
        "SELECT 1 # Switchyard: ROUTE=Primary", "-- SWITCHYARD: route=primary\nSELECT 1",
        "SELECT /* switchyard: route=primary */ 1 /* switchyard: route=replica */",
        "/* by app */ /* switchyard: route=primary */ UPDATE t SET a = 1", "SELECT 1; /* switchyard: route=primary */",
    ])
    func `a comment that begins with the name is a hint`(_ text: String) {
        #expect(hints(text)?.route == .primary)
    }

    @Test(arguments: [
        "SELECT 1", "SELECT '/* switchyard: route=primary */'", "SELECT 1 /* route=primary */",
        "SELECT 1 /* the switchyard: route=primary */", "SELECT 1 /* switchyards: route=primary */",
        "SELECT `-- switchyard route=primary`", "SELECT 1 /*+ switchyard: route=primary */",
        "/* switchyard */ SELECT 1",
        "SELECT 1 /* switchyard: route=primary",
    ])
    func `everything else is none`(_ text: String) { #expect(hints(text) == nil) }

    @Test func `several are separated by commas, semicolons or space`() throws {
        let found = try #require(
            hints("SELECT 1 /* switchyard: route=node:db-2,max_lag=2s; timeout=200 causal=GLOBAL */"))
        #expect(found.route == .node("db-2"))
        #expect(found.maxLagMilliseconds == 2_000)
        #expect(found.timeoutMilliseconds == 200)
        #expect(found.causality == .global)
        #expect(found.unknown == 0)
    }

    @Test(arguments: ["route=last", "route=LAST"])
    func `the last node may be asked for`(_ text: String) {
        #expect(hints("SELECT 1 -- switchyard \(text)")?.route == .last)
    }

    @Test(arguments: [
        ("route", 1), ("route=", 1), ("route=both", 1), ("route=node:", 1), ("color=red, route=last", 1),
        ("max_lag=fast", 1), ("max_lag=-1", 1), ("timeout=25h", 1), ("timeout=1d", 1), ("a b c", 3), ("causal=yes", 1),
        ("route = primary", 3), ("timeout=99999999999999999999999", 1),
    ])
    func `what is not understood is counted`(_ text: String, _ count: Int) {
        #expect(hints("SELECT 1 /* switchyard: \(text) */")?.unknown == count)
    }

    @Test func `a comment of very many words is not read to its end`() {
        let words = Array(repeating: "x", count: 1_000).joined(separator: " ")
        #expect(hints("SELECT 1 /* switchyard: \(words) */")?.unknown == StatementHints.wordsMaximum + 1)
    }

    @Test(arguments: [
        ("0", 0), ("7", 7), ("500ms", 500), ("2S", 2_000), ("3m", 180_000), ("24h", 86_400_000),
    ])
    func `times have units`(_ text: String, _ milliseconds: UInt64) {
        #expect(StatementHints.milliseconds(text) == milliseconds)
    }

    @Test func `a hint does not change what a statement is`() {
        for row in ClassifierTable.rows where !row.effects.contains(.unterminated) {
            let plain = classify(row.statement, row.mode)
            var hinted = classify("/* switchyard: route=replica */" + row.statement, row.mode)
            hinted.hintOffset = plain.hintOffset
            hinted.hintLength = plain.hintLength
            #expect(hinted.access == plain.access && hinted.kind == plain.kind, "\(row.statement)")
        }
    }

    private func classify(_ text: String, _ mode: SQLMode) -> StatementTraits {
        Array(text.utf8).withUnsafeBytes { Classifier.classify($0, mode: mode) }
    }
}
