// Lines that take turns.
import Testing

@testable import Network

@Suite struct FairQueueTests {
    private func queue(_ elements: [(String, Int)]) -> FairQueue<String, Int> {
        var queue = FairQueue<String, Int>()
        for (key, element) in elements { queue.append(element, of: key) }
        return queue
    }

    private func drained(_ queue: FairQueue<String, Int>) -> [Int] {
        var queue = queue
        var all: [Int] = []
        while let next = queue.next() { all.append(next) }
        return all
    }

    @Test func `one line is first in, first out`() {
        #expect(drained(queue((0..<1_000).map { ("a", $0) })) == Array(0..<1_000))
        #expect(drained(queue([])) == [])
    }

    @Test func `who has one element waits for one of each other line, not for all of them`() {
        let queue = queue([("a", 1), ("a", 2), ("a", 3), ("b", 10), ("c", 20), ("c", 21)])
        #expect(drained(queue) == [1, 10, 20, 2, 21, 3])
    }

    @Test func `a line that ran empty begins again at the end`() {
        var queue = queue([("a", 1), ("b", 2), ("b", 3)])
        #expect(queue.next() == 1)
        queue.append(4, of: "a")
        #expect(drained(queue) == [2, 4, 3])
    }

    @Test func `all are counted`() {
        var queue = queue([("a", 1), ("a", 2), ("b", 3)])
        #expect(queue.count == 3 && queue.count(of: "a") == 2 && queue.count(of: "c") == 0 && !queue.isEmpty)
        while queue.next() != nil {}
        #expect(queue.count == 0 && queue.count(of: "a") == 0 && queue.isEmpty)
    }

    @Test func `the newest of the longest line is given up, and never a line's only one`() {
        var queue = queue([("a", 1), ("b", 10), ("b", 11), ("b", 12)])
        #expect(queue.removeLast(ofLongerThan: 3) == nil)
        #expect(queue.removeLast(ofLongerThan: 2) == 12)
        #expect(queue.removeLast(ofLongerThan: 0) == 11)
        #expect(queue.removeLast(ofLongerThan: 0) == nil)
        #expect(queue.count == 2 && drained(queue) == [1, 10])
    }
}
