// Sets of transaction numbers, against sets of numbers.
import Testing

@testable import Frontend

@Suite struct NumberSetTests {
    /// A small generator: the same numbers in every run.
    private struct Numbers {
        var state: UInt64
        mutating func next(below bound: UInt64) -> UInt64 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return (state >> 33) % bound
        }
    }

    @Test(arguments: 1...50) func `whatever is inserted, it has what a set of numbers has`(seed: UInt64) {
        var numbers = Numbers(state: seed)
        var (set, plain) = (NumberSet(), Set<UInt64>())
        var (other, plainOther) = (NumberSet(), Set<UInt64>())
        for _ in 0..<40 {
            let low = numbers.next(below: 90)
            let range = low...(low + numbers.next(below: 4))
            if numbers.next(below: 3) == 0 {
                other.insert(range)
                plainOther.formUnion(range)
            } else {
                set.insert(range)
                plain.formUnion(range)
            }
            #expect(set.first(1_000) == plain.sorted())
            #expect(set.count == UInt64(plain.count) && set.last == plain.max() && set.isEmpty == plain.isEmpty)
            #expect(set.subtracting(other).first(1_000) == plain.subtracting(plainOther).sorted())
            for (left, right) in zip(set.ranges, set.ranges.dropFirst()) {
                #expect(left.upperBound + 1 < right.lowerBound, "ranges that touch are one")
            }
        }
    }

    @Test func `a number is in a set or not`() {
        let set = NumberSet([1...3, 7...7])
        for number in UInt64(0)...8 { #expect(set.contains(number) == [1, 2, 3, 7].contains(number)) }
    }

    @Test func `the prefix ends at the first hole, and there is none without the first number`() {
        var set = NumberSet([1...5, 9...9])
        #expect(set.prefixEnd == 5)
        set.insert(6...8)
        #expect(set.prefixEnd == 9)
        #expect(NumberSet([2...5]).prefixEnd == 0)
        #expect(NumberSet([0...5]).prefixEnd == 5)
        #expect(NumberSet().prefixEnd == 0)
        set.insert(20...30)
        set.keepPrefix()
        #expect(set == NumberSet([1...9]))
    }

    @Test func `the largest numbers there can be do no harm`() {
        var set = NumberSet([0...UInt64.max])
        set.insert(5...UInt64.max)
        #expect(set.ranges == [0...UInt64.max] && set.count == .max)
        #expect(set.subtracting(NumberSet([1...UInt64.max])) == NumberSet([0...0]))
        #expect(set.subtracting(set).isEmpty)
        #expect(NumberSet([3...9]).first(2) == [3, 4])
    }
}
