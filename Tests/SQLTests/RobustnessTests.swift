// The classifier and its neighbours take any bytes: cut statements, random ones, deep ones.

import SQL
import Testing

/// A small generator with a fixed seed, so that a failure can be run again.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = (state ^ (state >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}

@Suite struct RobustnessTests {
    /// Everything that reads text, on exactly these bytes: the buffer ends where they end.
    private func readAll(_ bytes: ArraySlice<UInt8>, mode: SQLMode) -> StatementTraits {
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: bytes.count, alignment: 1)
        defer { buffer.deallocate() }
        buffer.copyBytes(from: bytes)
        let text = UnsafeRawBufferPointer(buffer)
        let traits = Classifier.classify(text, mode: mode)
        #expect(Digest.text(of: text, mode: mode, maximumLength: 64).count <= 64)
        _ = Digest.hash(of: text, mode: mode)
        for assignment in SetStatement.assignments(text, mode: mode) {
            #expect(assignment.value.upperBound <= bytes.count)
        }
        _ = NamedChanges.read(text, traits, mode: mode)
        return traits
    }

    @Test func `every prefix of every row is classified`() {
        for row in ClassifierTable.rows {
            let bytes = Array(row.statement.utf8)
            for length in 0...bytes.count {
                let traits = readAll(bytes[..<length], mode: row.mode)
                #expect(Int(traits.decidingOffset) + Int(traits.decidingLength) <= length)
            }
        }
    }

    @Test func `every suffix of every row is classified`() {
        for row in ClassifierTable.rows {
            let bytes = Array(row.statement.utf8)
            for start in 0...bytes.count { _ = readAll(bytes[start...], mode: row.mode) }
        }
    }

    @Test func `random bytes are classified`() {
        var generator = SeededGenerator(seed: 20_240_601)
        let alphabet = Array("SELECTselect fromFOR'\"`@#-*/!M(),.;:=?0123456789 \n\\_$xnb".utf8)
        let modes = [SQLMode(), mySQL, SQLMode(ansiQuotes: true), SQLMode(noBackslashEscapes: true)]
        for round in 0..<10_000 {
            let length = Int.random(in: 0...40, using: &generator)
            let isText = round % 2 == 0
            let bytes = (0..<length).map { _ in
                isText
                    ? alphabet[Int.random(in: 0..<alphabet.count, using: &generator)]
                    : UInt8.random(in: 0...255, using: &generator)
            }
            _ = readAll(bytes[...], mode: modes[round % modes.count])
        }
    }

    @Test func `rows with changed bytes are classified`() {
        var generator = SeededGenerator(seed: 7)
        for row in ClassifierTable.rows where !row.statement.isEmpty {
            var bytes = Array(row.statement.utf8)
            for _ in 0..<8 {
                bytes[Int.random(in: 0..<bytes.count, using: &generator)] = UInt8.random(in: 0...255, using: &generator)
                _ = readAll(bytes[...], mode: row.mode)
            }
        }
    }

    @Test func `deep nesting neither traps nor recurses`() {
        let deep = String(repeating: "(", count: 100_000)
        #expect(classify(deep + "SELECT 1").access == .read)
        #expect(classify("SELECT " + deep).access == .read)
        #expect(classify(String(repeating: "SET STATEMENT a=1 FOR ", count: 1000) + "SELECT 1").access == .primary)
        #expect(classify(String(repeating: "ANALYZE ", count: 1000) + "SELECT 1").access == .primary)
        #expect(classify(String(repeating: "SELECT 1;", count: 70_000)).statementCount == UInt16.max)
    }

    @Test func `any write appended to any read keeps it from the replicas`() {
        let writes = [
            "FOR UPDATE", "LOCK IN SHARE MODE", "INTO @a", "INTO OUTFILE 'x'", ", f(1)", "PROCEDURE ANALYSE()",
        ]
        for row in ClassifierTable.reads where row.kind == .select && row.access == .read {
            for write in writes {
                let traits = classify(row.statement + " " + write, mode: row.mode)
                #expect(traits.access == .primary, "\(row.statement) \(write)")
            }
        }
    }
}
