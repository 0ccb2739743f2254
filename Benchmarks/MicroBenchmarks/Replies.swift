// The response machine over replies as servers send them.

import Benchmark
import Wire

/// The capabilities of a usual server connection.
private let capabilities: Capabilities = [.protocol41, .transactions, .sessionTrack, .deprecateEOF]

/// Bytes of a text result set: `columns` definitions of 60 bytes, `rows` rows of `rowSize` bytes, the end.
private func resultSet(columns: UInt8, rows: Int, rowSize: Int) -> [UInt8] {
    var reply = packet([columns])
    for _ in 0..<columns { reply += packet([UInt8](repeating: 0x03, count: 60)) }
    for _ in 0..<rows { reply += row(ofSize: rowSize) }
    // 0xFE, no affected rows, no insert id, autocommit, no warnings
    return reply + packet([0xFE, 0, 0, 2, 0, 0, 0])
}

/// A row whose frame, header included, has `size` bytes.
private func row(ofSize size: Int) -> [UInt8] {
    packet([UInt8](repeating: 0x20, count: size - PacketHeader.size))
}

/// A frame around at most 65,535 bytes; the tracker does not look at sequence numbers.
private func packet(_ payload: [UInt8]) -> [UInt8] {
    [UInt8(payload.count & 0xFF), UInt8(payload.count >> 8), 0, 0] + payload
}

/// Walks a whole reply, as the relay does.
private func walk(_ tracker: inout ResponseTracker, _ reply: UnsafeRawBufferPointer) throws(WireError) {
    tracker.begin(.query, capabilities: capabilities)
    var offset = 0
    while !tracker.isComplete {
        let step = try tracker.advance(UnsafeRawBufferPointer(rebasing: reply[offset...]))
        offset += step.passed + step.packetLength
    }
    blackHole(offset)
}

/// Copies bytes to memory that lives as long as the program.
private func permanent(_ bytes: [UInt8]) -> UnsafeRawBufferPointer {
    let copy = UnsafeMutableRawBufferPointer.allocate(byteCount: bytes.count, alignment: 16)
    copy.copyBytes(from: bytes)
    return UnsafeRawBufferPointer(copy)
}

func registerReplyBenchmarks() {
    let replies = [
        ("OK", packet([0, 1, 0, 2, 0, 0, 0])),
        ("point select", resultSet(columns: 1, rows: 1, rowSize: 124)),
        ("1000 rows of 100 bytes", resultSet(columns: 4, rows: 1_000, rowSize: 100)),
    ]
    for (name, bytes) in replies {
        let reply = permanent(bytes)
        var tracker = ResponseTracker()
        measure("Walk the reply: \(name)") { try walk(&tracker, reply) }
    }
    registerChunkBenchmark()
}

/// A chunk out of the middle of an endless result: it begins and ends within a row of 128 bytes, at the same place, so
/// that it can be fed again and again.
private func registerChunkBenchmark() {
    let chunkSize = 64 * 1024
    let rowSize = 128
    let cut = 50
    let frame = row(ofSize: rowSize)
    let rows = (0..<chunkSize / rowSize - 1).flatMap { _ in frame }
    let chunk = permanent(Array(frame[cut...]) + rows + Array(frame[..<cut]))
    let head = permanent(resultSet(columns: 1, rows: 0, rowSize: rowSize).dropLast(11) + Array(frame[..<cut]))
    var tracker = ResponseTracker()
    measure("Walk a chunk of 64 KiB") {
        if tracker.isComplete {
            tracker.begin(.query, capabilities: capabilities)
            blackHole(try tracker.advance(head).passed)
        }
        let step = try tracker.advance(chunk)
        guard step.passed == chunk.count else { throw WireError.truncated }
    }
}
