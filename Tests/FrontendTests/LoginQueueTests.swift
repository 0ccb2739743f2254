// Logins that wait: nobody fills the queue for others.
import Testing

@testable import Frontend

@Suite struct LoginQueueTests {
    private enum Outcome: Equatable { case waits, displaces(String), refused }

    private func add(_ queue: inout LoginQueue<String>, _ job: String, _ address: String) -> Outcome {
        switch queue.add(job, of: address) {
        case .waits: .waits
        case .displaces(let other): .displaces(other)
        case .refused: .refused
        }
    }

    @Test func `one address has no more than its share`() {
        var queue = LoginQueue<String>(limit: 10, share: 4)
        for index in 0..<4 { #expect(add(&queue, "a\(index)", "a") == .waits) }
        #expect(add(&queue, "a4", "a") == .refused)
        #expect(add(&queue, "b0", "b") == .waits)
        _ = queue.next()
        #expect(add(&queue, "a5", "a") == .waits)
    }

    @Test func `another address waits for one job of each, not for all`() {
        var queue = LoginQueue<String>(limit: 100, share: 50)
        for index in 0..<50 { _ = add(&queue, "a\(index)", "a") }
        _ = add(&queue, "b0", "b")
        #expect([queue.next(), queue.next(), queue.next()] == ["a0", "b0", "a1"])
    }

    @Test func `a full queue gives a place of who has most to who has less`() {
        var queue = LoginQueue<String>(limit: 6, share: 4)
        for index in 0..<4 { _ = add(&queue, "a\(index)", "a") }
        for index in 0..<2 { _ = add(&queue, "b\(index)", "b") }
        #expect(add(&queue, "c0", "c") == .displaces("a3"))
        #expect(add(&queue, "c1", "c") == .displaces("a2"))
        // All have two now: to take one would only move the shortage.
        #expect(add(&queue, "c2", "c") == .refused)
        #expect(add(&queue, "d0", "d") != .refused)
        #expect(queue.count == 6)
    }

    @Test func `no address pushes another's only job out`() {
        var queue = LoginQueue<String>(limit: 3, share: 2)
        for address in ["a", "b", "c"] { #expect(add(&queue, address, address) == .waits) }
        #expect(add(&queue, "d", "d") == .refused)
        #expect(queue.count == 3)
    }
}
