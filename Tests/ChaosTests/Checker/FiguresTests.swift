// Times as figures.

import ChaosChecker
import Testing

@Suite struct FiguresTests {
    @Test func `the longest gap is between neighbours, or before the end`() {
        #expect(Figures.longestGap([1, 2, 9, 3], until: 10) == 6)
        #expect(Figures.longestGap([1, 2, 3], until: 10) == 7)
        #expect(Figures.longestGap([], until: 10) == 0)
    }

    @Test func `a percentile is one of the values`() {
        let values = (1...100).map { Double($0) }
        #expect(Figures.percentile(50, of: values) == 50)
        #expect(Figures.percentile(99, of: values.reversed()) == 99)
        #expect(Figures.percentile(100, of: values) == 100)
        #expect(Figures.percentile(50, of: [3]) == 3)
        #expect(Figures.percentile(50, of: []) == nil)
    }
}
