// Numbers and durations as they are shown.

import Testing

@testable import Quickstart

@Suite struct FiguresTests {
    @Test(arguments: [(0, "0"), (999, "999"), (1_000, "1,000"), (1_234_567, "1,234,567"), (-1_000, "-1,000")])
    func `digits stand in groups of three`(number: Int, text: String) {
        #expect(number.grouped == text)
    }

    @Test(arguments: [(0.0, "0 ms"), (0.0417, "42 ms"), (0.9994, "999 ms"), (0.9996, "1.00 s"), (10.014, "10.01 s")])
    func `durations below a second are in milliseconds`(seconds: Double, text: String) {
        #expect(seconds.duration == text)
    }

    @Test func `padding never cuts`() {
        #expect("abc".right(5) == "  abc")
        #expect("abc".left(5) == "abc  ")
        #expect("abc".right(2) == "abc" && "abc".left(2) == "abc")
    }
}
