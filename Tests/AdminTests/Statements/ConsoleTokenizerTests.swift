// How MySQL text is cut into tokens.

import Testing

@testable import Admin

@Suite struct ConsoleTokenizerTests {
    private func kinds(_ text: String) throws -> [ConsoleToken.Kind] { try ConsoleText(text).tokens.map(\.kind) }

    @Test func `comments of every form are skipped`() throws {
        let text = "/* a */ SELECT -- b\n 1 # c\n , 2 /* ' */ --"
        #expect(try kinds(text) == [.word("SELECT"), .number("1"), .symbol(","), .number("2")])
    }

    @Test func `two dashes without a blank are two minus signs`() throws {
        #expect(try kinds("5--1") == [.number("5"), .symbol("-"), .symbol("-"), .number("1")])
    }

    @Test func `what stands in a conditional comment counts`() throws {
        #expect(try kinds("/*!40101 SET x */ /*M!100100 y */") == [.word("SET"), .word("x"), .word("y")])
    }

    @Test func `quotes are resolved`() throws {
        let kinds = try kinds(#"'it''s' "a\nb" `a``b` '\%\_\\' "it's""#)
        #expect(
            kinds == [
                .string("it's"), .string("a\nb"), .quotedIdentifier("a`b"), .string(#"\%\_\"#), .string("it's"),
            ])
    }

    @Test func `variables lose their scope`() throws {
        let kinds = try kinds("@@version @@session.sql_mode @@GLOBAL.`x` @u @'q r'")
        #expect(
            kinds == [
                .systemVariable("version"), .systemVariable("sql_mode"), .systemVariable("x"), .userVariable("u"),
                .userVariable("q r"),
            ])
    }

    @Test func `every prefix of a statement is cut or refused, never a trap`() throws {
        let text = #"SELECT/*!1 @@a.b*/ 'x\'' "y" `z` <=> && 1.5e3 @v @@ /* c */ -- é"#
        let bytes = Array(text.utf8)
        for length in 0...bytes.count {
            let prefix = String(decoding: bytes[..<length], as: UTF8.self)
            let cut = try? ConsoleText(prefix)
            #expect(cut.map { $0.tokens.count <= length } ?? true)
        }
    }
}
