// The byte queue against an array that does the same.
import Testing

@testable import Network

@Suite struct ByteQueueTests {
    @Test func `a new queue is empty and gives no bytes`() {
        let queue = ByteQueue(keptBytes: 0)
        let isEmpty = queue.isEmpty
        let count = queue.bytes.count
        #expect(isEmpty)
        #expect(count == 0)
    }

    @Test func `appending nothing allocates nothing`() {
        var queue = ByteQueue(keptBytes: 0)
        queue.append(UnsafeRawBufferPointer(start: nil, count: 0))
        let start = queue.bytes.baseAddress
        #expect(start == nil)
    }

    @Test func `an empty queue holds no more memory than it keeps`() {
        for kept in [0, 1 << 20] {
            var queue = ByteQueue(keptBytes: kept)
            let atFirst = queue.heldBytes
            pattern(5_000).withUnsafeBytes { queue.append($0) }
            let full = queue.heldBytes
            queue.removeFirst(5_000)
            let empty = queue.heldBytes
            #expect(atFirst == 0 && full >= 5_000)
            #expect(empty == (kept == 0 ? 0 : full))
        }
    }

    @Test func `bytes come out in the order they went in, through growth`() {
        var queue = ByteQueue(keptBytes: 0)
        let all = pattern(5_000)
        for start in stride(from: 0, to: all.count, by: 7) {
            Array(all[start..<min(start + 7, all.count)]).withUnsafeBytes { queue.append($0) }
        }
        let held = Array(queue.bytes)
        #expect(held == all)
    }

    @Test func `space is at least what was wanted and keeps what is held`() {
        var queue = ByteQueue(keptBytes: 0)
        [1, 2, 3].withUnsafeBytes { queue.append($0) }
        let room = queue.space(10_000)
        #expect(room.count >= 10_000)
        room.copyBytes(from: [4, 5] as [UInt8])
        queue.appended(2)
        let held = queue.count
        #expect(held == 3 * MemoryLayout<Int>.size + 2)
        let end = Array(queue.bytes.suffix(2))
        #expect(end == [4, 5])
    }

    @Test func `a large buffer is freed when the queue runs empty and a small one is kept`() {
        var queue = ByteQueue(keptBytes: 1_024)
        pattern(100).withUnsafeBytes { queue.append($0) }
        let small = queue.bytes.baseAddress
        queue.removeFirst(100)
        let kept = queue.bytes.baseAddress
        #expect(kept == small && small != nil)
        pattern(10_000).withUnsafeBytes { queue.append($0) }
        queue.removeFirst(10_000)
        let freed = queue.bytes.baseAddress
        #expect(freed == nil)
    }

    @Test(arguments: 0..<20) func `random operations agree with an array`(seed: Int) {
        var random = SeededRandom(state: UInt64(seed))
        var queue = ByteQueue(keptBytes: seed.isMultiple(of: 2) ? 0 : 4_096)
        var model: [UInt8] = []
        for _ in 0..<2_000 {
            switch Int.random(in: 0..<10, using: &random) {
            case 0..<4:
                let bytes = (0..<Int.random(in: 0..<900, using: &random)).map { _ in
                    UInt8.random(in: 0...255, using: &random)
                }
                bytes.withUnsafeBytes { queue.append($0) }
                model += bytes
            case 4:
                let count = Int.random(in: 0..<700, using: &random)
                let room = queue.space(count)
                #expect(room.count >= count)
                for index in 0..<count { room[index] = UInt8(truncatingIfNeeded: index) }
                queue.appended(count)
                model += (0..<count).map { UInt8(truncatingIfNeeded: $0) }
            case 5..<9:
                let count = Int.random(in: 0...model.count, using: &random)
                queue.removeFirst(count)
                model.removeFirst(count)
            default:
                if Bool.random(using: &random) {
                    queue.removeAll()
                    model = []
                }
            }
            let agrees = queue.count == model.count && queue.bytes.elementsEqual(model)
            guard agrees else {
                Issue.record("queue and array differ")
                return
            }
        }
    }

    @Test func `a queue that never runs empty reuses its buffer`() {
        // A window of 1000 bytes moved over ten megabytes: the buffer must not grow with what passed through.
        var queue = ByteQueue(keptBytes: 0)
        let part = pattern(1_000)
        part.withUnsafeBytes { queue.append($0) }
        for _ in 0..<10_000 {
            part.withUnsafeBytes { queue.append($0) }
            queue.removeFirst(1_000)
        }
        let room = queue.space(0).count + queue.count
        #expect(room <= 8_192)
    }
}
