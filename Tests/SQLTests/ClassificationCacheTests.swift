// The cache of classifications says what the classifier says, of every text, whatever it saw before.

import SQL
import Testing

@Suite struct ClassificationCacheTests {
    private static let modes = [
        SQLMode(), mySQL, SQLMode(ansiQuotes: true), SQLMode(noBackslashEscapes: true), SQLMode(ignoreSpace: true),
        SQLMode(ambiguousCharacterSet: true),
    ]

    /// Asks the cache, on exactly these bytes, and the classifier.
    private func expectSame(_ cache: ClassificationCache, _ bytes: [UInt8], _ mode: SQLMode) {
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: bytes.count, alignment: 1)
        defer { buffer.deallocate() }
        buffer.copyBytes(from: bytes)
        let text = UnsafeRawBufferPointer(buffer)
        let expected = Classifier.classify(text, mode: mode)
        let digest = Digest.hash(of: text, mode: mode, maximumSource: SQLLimits.digestedTextBytes)
        // Twice: the first time it may be read, the second time it may be found.
        for _ in 0..<2 {
            let found = cache.classify(text, mode: mode)
            if found != expected { Issue.record("\(String(decoding: bytes, as: UTF8.self)): \(found)") }
            if cache.digest != digest { Issue.record("\(String(decoding: bytes, as: UTF8.self)): another digest") }
        }
    }

    private func hits(_ cache: ClassificationCache, _ statement: String, _ mode: SQLMode = SQLMode()) -> Bool {
        let before = cache.hits
        expectSame(cache, Array(statement.utf8), mode)
        // Of the two times the second is of use only for what is remembered at all.
        return cache.hits == before + 2
    }

    /// A literal, name or piece of punctuation that a mutation puts in.
    private static let pieces: [String] = [
        "0", "7", "42", "-1", "1.5", "1.", ".5", "1e5", "1e-5", "0x1F", "x'1f'", "b'01'", "'a'", "'it''s'", "''",
        "'1, 2'",
        "'a\\'b'", "\"a\"", "\"a\"\"b\"", "`a`", "`a 1`", "`1`", "N'x'", "_utf8'x'", "é", "'é'", "\u{A0}", "NULL", "?",
        "/*1*/", "/*!50000 1*/", "/*M! 1*/", "-- 1\n", "--1", "#1\n", "@a", "@@a", "@@read_only", ";", "; SELECT 1",
        "(",
        ")", ",", " 5 ", "=5", "= 5", "- 5", "1-5", "t.5", "t. 5", "t.5x", "5x", ":=5", "--5", "\\", "'", "\"", "`",
        "\0",
        "FOR UPDATE", "INTO @a", "f(1)", "count (1)", "LIKE 'read_only'", "LIKE 'x'", "autocommit=0", "ON",
        "get_lock('a',1)",
    ]

    private func mutated(_ bytes: [UInt8], _ generator: inout SeededGenerator) -> [UInt8] {
        var changed = bytes
        for _ in 0..<Int.random(in: 1...3, using: &generator) {
            let start = Int.random(in: 0...changed.count, using: &generator)
            let end = min(changed.count, start + Int.random(in: 0...4, using: &generator))
            let piece = Self.pieces.randomElement(using: &generator) ?? ""
            changed.replaceSubrange(start..<end, with: piece.utf8)
        }
        return changed
    }

    /// Other digits in the place of each run of digits, wherever it stands.
    private func withOtherDigits(_ bytes: [UInt8], _ generator: inout SeededGenerator) -> [UInt8] {
        var changed: [UInt8] = []
        for (index, byte) in bytes.enumerated() {
            guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) else {
                changed.append(byte)
                continue
            }
            let begins = index == 0 || !(UInt8(ascii: "0")...UInt8(ascii: "9")).contains(bytes[index - 1])
            for _ in 0..<(begins ? Int.random(in: 1...3, using: &generator) : 1) {
                changed.append(UInt8(ascii: "0") + UInt8.random(in: 0...9, using: &generator))
            }
        }
        return changed
    }

    @Test func `every row of the classifier's tables is classified alike`() {
        let cache = ClassificationCache()
        for row in ClassifierTable.rows {
            for mode in [row.mode] + Self.modes { expectSame(cache, Array(row.statement.utf8), mode) }
        }
        #expect(cache.hits > 0)
    }

    @Test func `a row with other literals, comments, quotes and names is classified alike`() {
        let cache = ClassificationCache()
        var generator = SeededGenerator(seed: 71)
        for row in ClassifierTable.rows {
            let bytes = Array(row.statement.utf8)
            expectSame(cache, bytes, row.mode)
            for _ in 0..<20 {
                expectSame(cache, withOtherDigits(bytes, &generator), row.mode)
                expectSame(cache, mutated(bytes, &generator), row.mode)
            }
        }
    }

    @Test func `every prefix of every row is classified alike`() {
        let cache = ClassificationCache()
        for row in ClassifierTable.rows {
            let bytes = Array(row.statement.utf8)
            for length in 0...bytes.count { expectSame(cache, Array(bytes[..<length]), row.mode) }
        }
    }

    @Test func `random texts of what literals are made of are classified alike`() {
        let cache = ClassificationCache()
        var generator = SeededGenerator(seed: 72)
        for _ in 0..<20_000 {
            var bytes = Array("SELECT a FROM t WHERE b".utf8)
            for _ in 0..<Int.random(in: 0...6, using: &generator) {
                bytes += Array((Self.pieces.randomElement(using: &generator) ?? "").utf8)
            }
            expectSame(cache, bytes, Self.modes.randomElement(using: &generator) ?? SQLMode())
        }
        #expect(cache.hits > 0)
    }

    @Test func `other numbers and strings are found`() {
        let cache = ClassificationCache()
        #expect(!hits(cache, "SELECT c FROM t WHERE id=1 AND b = 'x' LIMIT 10, 5"))
        #expect(hits(cache, "SELECT c FROM t WHERE id=90017 AND b = 'it''s; -- /* # @ 5 ' LIMIT 0, 500"))
        #expect(hits(cache, "SELECT c FROM t WHERE id=1.75 AND b = '' LIMIT 1, 1"))
        #expect(!hits(cache, "INSERT INTO t (a, `b 1`) VALUES (-1, 'x'), (2, NULL)"))
        #expect(hits(cache, "INSERT INTO t (a, `b 1`) VALUES (-9.5, 'yy'), (33, NULL)"))
        #expect(!hits(cache, "INSERT INTO t (a, `b 2`) VALUES (-9.5, 'yy'), (33, NULL)"), "a name is no literal")
    }

    @Test func `what a literal may change is never found`() {
        let cache = ClassificationCache()
        let statements = [
            "SET autocommit=1", "SHOW VARIABLES LIKE 'version'", "SELECT get_lock('a', 1)", "SELECT 1; SELECT 2",
            "SELECT /* 1 */ 2", "SELECT 1 -- 2", "SELECT 1 # 2", "SELECT @a, 1", "SELECT @@sql_mode, 1", "KILL 5",
            "PREPARE p FROM 'SELECT 1'", "EXPLAIN SELECT 1", "SELECT 1 INTO OUTFILE 'x'", "SELECT f(1)",
            "SELECT 'a\\'b'", "SELECT 'a", "USE a", "SELECT last_insert_id(5)", "SELECT found_rows(), 1",
        ]
        for statement in statements {
            expectSame(cache, Array(statement.utf8), SQLMode())
            expectSame(cache, Array(statement.utf8), SQLMode())
        }
        #expect(cache.hits == 0)
    }

    @Test func `the digest is remembered where the traits are not, and is that of the text at hand`() {
        let cache = ClassificationCache()
        let digests = ["COMMIT", "CALL p(1)", "CALL p(2)", "COMMIT", "SELECT @a", "CALL q(1)"].map { statement in
            expectSame(cache, Array(statement.utf8), SQLMode())
            return cache.digest
        }
        #expect(digests[0] == digests[3] && digests[1] == digests[2])
        #expect(Set(digests).count == 4)
        #expect(cache.hits == 0)
    }

    @Test func `what was said under another mode is not found`() {
        let cache = ClassificationCache()
        for mode in Self.modes.dropLast() { #expect(!hits(cache, "SELECT \"a\" FROM t WHERE b = 1", mode)) }
        let versions = [101_106, 110_800].map { SQLMode(serverVersion: $0) }
        for mode in versions.dropFirst() { #expect(!hits(cache, "SELECT \"a\" FROM t WHERE b = 1", mode)) }
        for mode in Self.modes.dropLast() {
            #expect(hits(cache, "SELECT \"z\" FROM t WHERE b = 2", mode) == !mode.ansiQuotes)
        }
    }

    @Test func `more shapes than there is room for displace each other and stay right`() {
        let cache = ClassificationCache()
        for round in 0..<3 {
            for number in 0..<2_000 {
                let statement = "SELECT c\(number) FROM t WHERE id = \(number * 7 + round)"
                expectSame(cache, Array(statement.utf8), SQLMode())
            }
        }
    }

    @Test func `a text at and beyond the limit is classified alike`() {
        let cache = ClassificationCache()
        for length in [1_015, 1_016, 1_023, 1_024, 1_025, 5_000] {
            let statement = "SELECT c FROM t WHERE a = '" + String(repeating: "x", count: length - 28) + "'"
            #expect(statement.utf8.count == length)
            expectSame(cache, Array(statement.utf8), SQLMode())
            let names = "SELECT " + String(repeating: "a,", count: (length - 10) / 2) + "b"
            expectSame(cache, Array(names.utf8), SQLMode())
        }
    }

    @Test func `the memory of the cache grows with the shapes in it, not with the texts`() {
        let cache = ClassificationCache()
        let atFirst = cache.heldBytes
        for number in 0..<5 { expectSame(cache, Array("SELECT a FROM t WHERE id = \(number)".utf8), SQLMode()) }
        let withOne = cache.heldBytes
        #expect(withOne > atFirst)
        expectSame(cache, Array("SELECT b FROM t WHERE id = 1".utf8), SQLMode())
        #expect(cache.heldBytes - withOne == withOne - atFirst)
    }
}
