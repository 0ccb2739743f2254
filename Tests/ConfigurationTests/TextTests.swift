// Units, numbers and guesses.

import Testing

@testable import Configuration

@Suite struct TextTests {
    @Test(arguments: [
        ("0", 0), ("500ms", 500), ("10s", 10_000), ("10 s", 10_000), ("5m", 300_000), ("8h", 28_800_000),
        ("1_000", 1_000), ("-2s", -2_000), ("", nil), ("s", nil), ("1.5s", nil), ("10S", nil), ("10d", nil),
        ("1s2", nil), ("10  s", nil), ("10 ", nil), ("_1", nil), ("1_", nil), ("--1", nil), ("٣s", nil),
        ("9999999999999999h", nil), ("99999999999999999999", nil),
    ])
    func `times are read in milliseconds`(text: String, milliseconds: Int?) {
        #expect(quantityValue(text, units: DurationText.units) == milliseconds)
    }

    @Test(arguments: [(0, "0ms"), (1, "1ms"), (1_500, "1500ms"), (90_000, "90s"), (28_800_000, "8h")])
    func `times are written in their largest whole unit`(milliseconds: Int, text: String) {
        #expect(DurationText.describe(milliseconds) == text)
    }

    @Test(arguments: [("12", 12), ("64KiB", 65_536), ("16MiB", 16_777_216), ("1GiB", 1_073_741_824), ("7B", 7)])
    func `sizes are read in bytes and written back`(text: String, bytes: Int) {
        #expect(quantityValue(text, units: SizeText.units) == bytes)
        #expect(SizeText.describe(bytes) == (text == "12" ? "12B" : text))
    }

    @Test(arguments: [
        ("", "", 0), ("abc", "abc", 0), ("", "abc", 3), ("abc", "", 3), ("adress", "address", 1), ("naem", "name", 1),
        ("kitten", "sitting", 3),
    ])
    func `the edit distance counts slips`(left: String, right: String, distance: Int) {
        #expect(editDistance(left, right) == distance)
    }

    @Test func `only a close name is suggested`() {
        #expect(didYouMean("Naem", among: ["nodes", "name"]) == "did you mean 'name'?")
        #expect(didYouMean("x", among: ["nodes", "name"]) == nil)
        #expect(didYouMean(String(repeating: "name", count: 100), among: ["name"]) == nil)
    }

    @Test func `text from the file cannot break a message into lines`() {
        #expect(printable("a\nb\u{1B}[0m") == "a?b?[0m")
        #expect(printable(String(repeating: "x", count: 100)).count == 81)
    }

    @Test func `the folder of a path is everything before the last slash`() {
        #expect(folder(of: "s.yaml") == ".")
        #expect(folder(of: "/s.yaml") == "/")
        #expect(folder(of: "a/b/s.yaml") == "a/b")
    }
}
