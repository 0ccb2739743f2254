// Tokens as the servers' lexers cut them.

import Testing

@testable import SQL

@Suite struct TokenizerTests {
    /// The tokens of `text` as their kinds and texts.
    private func tokens(_ text: String, mode: SQLMode = SQLMode()) -> [String] {
        let bytes = Array(text.utf8)
        return bytes.withUnsafeBytes { buffer in
            var tokenizer = Tokenizer(buffer, mode: mode)
            var found: [String] = []
            while true {
                let token = tokenizer.next()
                if token.kind == .end { return found }
                found.append("\(token.kind) \(String(decoding: buffer[token.start..<token.end], as: UTF8.self))")
                if token.kind == .unterminated { return found }
            }
        }
    }

    @Test func `words, numbers and symbols are cut`() {
        #expect(
            tokens("SELECT a1,b FROM t WHERE x>=1.5e-3;") == [
                "word SELECT", "word a1", "comma ,", "word b", "word FROM", "word t", "word WHERE", "word x",
                "symbol >", "symbol =", "number 1.5e-3", "semicolon ;",
            ])
    }

    @Test(arguments: [
        ("1", "number 1"), ("12.", "number 12."), (".5", "number .5"), ("1e5", "number 1e5"), ("1E+5", "number 1E+5"),
        ("0x1F", "binaryLiteral 0x1F"), ("0b01", "binaryLiteral 0b01"), ("x'1f'", "binaryLiteral x'1f'"),
        ("B'01'", "binaryLiteral B'01'"), ("n'a'", "string n'a'"), ("0xZZ", "word 0xZZ"), ("0b2", "word 0b2"),
        ("1a", "word 1a"), ("1e", "word 1e"), ("0x", "word 0x"), ("`a``b`", "quotedIdentifier `a``b`"),
        ("?", "placeholder ?"),
        (":=", "assignment :="), ("@a.b$c", "userVariable @a.b$c"), ("@`a b`", "userVariable @`a b`"),
        ("@'a b'", "userVariable @'a b'"), ("@\"a b\"", "userVariable @\"a b\""), ("@", "userVariable @"),
        ("@@a", "systemVariable @@a"), ("@@session.a", "systemVariable @@session.a"),
        ("@@global.`a b`", "systemVariable @@global.`a b`"), ("@@", "systemVariable @@"),
        ("'a''b'", "string 'a''b'"), ("'a\\'b'", "string 'a\\'b'"), ("\"a\"\"b\"", "string \"a\"\"b\""),
        ("'a`b\"c'", "string 'a`b\"c'"), ("ü", "word ü"), ("_utf8mb4", "word _utf8mb4"), ("$a", "word $a"),
    ])
    func `one piece of text is one token`(_ text: String, _ expected: String) {
        #expect(tokens(text) == [expected])
    }

    @Test(arguments: ["'a", "\"a", "`a", "'a\\'", "'a''", "/* a", "/*! a", "/*!99999 a", "@'a", "@`a", "@@`a", "x'1"])
    func `what is not closed is the last token`(_ text: String) {
        #expect(tokens("SELECT " + text).last?.hasPrefix("unterminated") == true)
    }

    @Test func `a name behind a dot may begin with digits`() {
        #expect(tokens("t.1a") == ["word t", "dot .", "word 1a"])
        #expect(tokens("t.5") == ["word t", "dot .", "word 5"])
        #expect(tokens("t .5") == ["word t", "number .5"])
    }

    @Test func `two dashes are a comment only before space or the end`() {
        #expect(tokens("1--1") == ["number 1", "symbol -", "symbol -", "number 1"])
        #expect(tokens("1-- 1") == ["number 1"])
        #expect(tokens("1--\n2") == ["number 1", "number 2"])
        #expect(tokens("1--") == ["number 1"])
    }

    @Test func `comments are skipped and executable ones entered`() {
        #expect(tokens("a /* b */ c # d\n e") == ["word a", "word c", "word e"])
        #expect(tokens("a /*! b */ c") == ["word a", "word b", "word c"])
        #expect(tokens("a /*!101106 b */ c") == ["word a", "word b", "word c"])
        #expect(tokens("a /*!101107 b */ c") == ["word a", "word c"])
        #expect(tokens("a /*!50699 b */") == ["word a", "word b"])
        #expect(tokens("a /*!50700 b */") == ["word a"])
        #expect(tokens("a /*!50700 b */", mode: SQLMode(dialect: .mySQL)) == ["word a", "word b"])
        #expect(tokens("a /*M!50700 b */") == ["word a", "word b"])
        #expect(tokens("a /*M! b */", mode: SQLMode(dialect: .mySQL)) == ["word a"])
        #expect(tokens("a /*!1 b */") == ["word a", "number 1", "word b"])
        #expect(tokens("a /*/ b */ c") == ["word a", "word c"])
        #expect(tokens("a */ b") == ["word a", "symbol *", "symbol /", "word b"])
        #expect(tokens("/*! a /* b */ c */ d") == ["word a", "word c", "word d"])
    }

    @Test func `modes change what quotes and backslashes mean`() {
        let ansi = SQLMode(ansiQuotes: true)
        let plain = SQLMode(noBackslashEscapes: true)
        #expect(tokens("\"a\\\" b", mode: ansi) == ["quotedIdentifier \"a\\\"", "word b"])
        #expect(tokens("@\"a\\\" b", mode: ansi) == ["userVariable @\"a\\\"", "word b"])
        #expect(tokens("'a\\' b", mode: plain) == ["string 'a\\'", "word b"])
        #expect(tokens("'a\\' b'") == ["string 'a\\' b'"])
    }

    @Test func `a quote is found at every distance`() {
        for length in 0..<40 {
            let filling = String(repeating: "x", count: length)
            #expect(tokens("'\(filling)' b") == ["string '\(filling)'", "word b"])
            #expect(tokens("'\(filling)\\'' b") == ["string '\(filling)\\''", "word b"])
        }
    }

    @Test func `known words are found in any case and no others`() {
        func keyword(_ text: String) -> Keyword {
            Array(text.utf8).withUnsafeBytes { buffer in
                var tokenizer = Tokenizer(buffer, mode: SQLMode())
                return tokenizer.next().keyword
            }
        }
        for known in Keyword.allCases where known != .none {
            #expect(keyword(known.rawValue) == known)
            #expect(keyword(known.rawValue.uppercased()) == known)
            #expect(keyword(known.rawValue + " x                                 ") == known)
            #expect(keyword(known.rawValue + "_") != known)
            #expect(keyword("_" + known.rawValue) != known)
        }
        #expect(keyword("sel\u{7F}ect") == .none)
        #expect(keyword("grouö_replication") == .none)
    }
}
