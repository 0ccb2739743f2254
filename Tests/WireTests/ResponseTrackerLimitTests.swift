// Rows of several frames, and replies that no server may send.

import Testing
import Wire

@Suite struct ResponseTrackerLimitTests {
    /// Two frames, the second opening with a byte that would end the rows; then a full frame and its empty one.
    private static func largeRows(_ secondFrameByte: UInt8) -> [UInt8] {
        var large = Array(repeating: UInt8(7), count: PacketHeader.maximumPayload + 5)
        large[0] = 0xFE
        large[PacketHeader.maximumPayload] = secondFrameByte
        let full = Array(repeating: UInt8(9), count: PacketHeader.maximumPayload)
        return packet(1, large) + packet(3, full) + packet(5, hex("fe 00 00 0200 0000"))
    }

    @Test(arguments: [UInt8(0xFF), 0xFE, 0x00])
    func `continuation frames are not looked at`(_ secondFrameByte: UInt8) throws {
        let bytes = Self.largeRows(secondFrameByte)
        let secondHeader = 4 + PacketHeader.maximumPayload
        let emptyHeader = secondHeader + 9 + secondHeader
        let cuts = [1, 4, 5, 70_000, secondHeader, secondHeader + 3, secondHeader + 4, secondHeader + 5]
        for cut in cuts + [secondHeader + 9, emptyHeader, emptyHeader + 1, emptyHeader + 3, emptyHeader + 4] {
            var tracker = ResponseTracker()
            tracker.begin(.fetch, capabilities: Reply.modern)
            let first = try bytes[..<cut].withUnsafeBytes { try tracker.advance($0) }
            #expect(first.event == .needMoreBytes)
            #expect(cut - first.passed < 5)
            #expect(!tracker.isComplete)
            let rest = try bytes[first.passed...].withUnsafeBytes { try tracker.advance($0) }
            #expect(rest.event == .endOfRows)
            #expect(first.passed + rest.passed + rest.packetLength == bytes.count)
            #expect(tracker.isComplete)
            #expect(tracker.rowCount == 2)
        }
    }

    private func failure(_ kind: ResponseKind, _ capabilities: Capabilities, _ bytes: [UInt8]) -> WireError? {
        do {
            _ = try RelayTranscript.run(kind, capabilities, pieces: [bytes[...]])
            return nil
        } catch {
            return error as? WireError
        }
    }

    @Test func `an oversized terminal packet is refused by its header`() {
        let length = ResponseTracker.collectedPacketMaximum + 1
        let head: [UInt8] = [UInt8(length & 0xFF), UInt8(length >> 8 & 0xFF), UInt8(length >> 16), 1, 0xFF]
        #expect(failure(.query, Reply.plain, head) == .packetTooLarge(payloadLength: length))
    }

    @Test func `a packet without payload is refused`() {
        #expect(failure(.query, Reply.plain, [0, 0, 0, 1]) == .emptyPacket)
        #expect(failure(.fetch, Reply.plain, [0, 0, 0, 1]) == .emptyPacket)
    }

    @Test func `packets that do not belong there are refused`() {
        #expect(failure(.okOrError, Reply.plain, packet(1, [1])) == .unexpectedPacket(firstByte: 1))
        #expect(failure(.prepare, Reply.plain, packet(1, [2])) == .unexpectedPacket(firstByte: 2))
        let rowBeforeEOF = numbered(payloads(Captured.rowsWithoutEOF).flatMap { packet(1, $0) })
        #expect(failure(.query, Reply.plain, rowBeforeEOF) == .unexpectedPacket(firstByte: 1))
        let text = packet(1, Array("Hello, world".utf8))
        #expect(failure(.query, Reply.plain, text) == .unexpectedPacket(firstByte: UInt8(ascii: "H")))
    }

    @Test func `a result set of too many columns is refused`() {
        #expect(failure(.query, Reply.plain, packet(1, [0xFC, 0xFF, 0xFF])) == nil)
        #expect(failure(.query, Reply.plain, packet(1, [0xFD, 0, 0, 1])) == .tooManyColumns(65_536))
        #expect(failure(.query, Reply.plain, packet(1, [0xFC, 0, 0])) == .tooManyColumns(0))
    }

    @Test func `a short OK or prepare packet is refused`() {
        #expect(failure(.query, Reply.plain, packet(1, [0, 0, 0, 2])) == .truncated)
        #expect(failure(.prepare, Reply.plain, packet(1, [0, 1, 0, 0, 0])) == .truncated)
    }
}
