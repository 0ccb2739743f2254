// Text on a terminal.

import Testing

@testable import CommandLineClient

@Suite struct TerminalTextTests {
    @Test func `nothing is left that a terminal would obey`() {
        #expect(
            TerminalText.printable(hostile)
                == "SELECT '\\u{1b}[2J\\u{1b}]0;x\\u{7}\\u{9b}31m\\r\\n'")
        #expect(TerminalText.printable("a\u{202E}b\u{2066}c\u{7F}") == "a\\u{202e}b\\u{2066}c\\u{7f}")
        #expect(TerminalText.printable("grün 日本 👍") == "grün 日本 👍")
    }

    @Test(arguments: [
        ("", 0), ("abc", 3), ("grün", 4), ("e\u{301}", 1), ("日本", 4), ("ｱ", 1), ("Ａ", 2), ("한글", 4), ("👍", 2),
        ("👩‍👩‍👧", 2), ("❤\u{FE0F}", 2), ("\u{200B}", 0), ("…", 1),
    ])
    func `a text is as wide as a terminal shows it`(text: String, width: Int) {
        #expect(TerminalText.width(text) == width)
    }

    @Test(arguments: ["", "a", "abcdef", "日本語日本語", "a日b本c", "👍👍👍", "e\u{301}e\u{301}e\u{301}e\u{301}e\u{301}"])
    func `a text fits exactly, however it is cut`(text: String) {
        for columns in 0..<8 {
            #expect(TerminalText.width(TerminalText.cut(text, columns)) <= columns)
            #expect(TerminalText.width(TerminalText.fitted(text, columns)) == columns)
            #expect(TerminalText.width(TerminalText.fitted(text, columns, toRight: true)) == columns)
        }
        #expect(TerminalText.cut(text, 80) == text)
    }

    @Test func `figures are short`() {
        #expect(
            [0, 0.26, 9.96, 12, 999, 1_000, 12_345, 5_600_000].map(Figures.short) == [
                "0", "0.3", "10", "12", "999", "1k", "12.3k", "5.6M",
            ])
        #expect(
            [nil, 0, 999, 1_500, 2_000_000].map(Figures.time(microseconds:)) == [
                "-", "0 us", "999 us", "1.5 ms", "2 s",
            ])
        #expect(Figures.duration(seconds: 3_661) == "01:01:01")
        #expect(Figures.duration(seconds: 90_061) == "1 d 01:01:01")
    }
}
