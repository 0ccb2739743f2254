// The numbers of a reply's packets: they go on one by one, from the command's last packet.

import Testing
import Wire

@Suite struct ResponseNumberTests {
    /// Header places of a reply's packets.
    private func headers(_ bytes: [UInt8]) -> [Int] {
        var places: [Int] = []
        var place = 0
        for payload in payloads(bytes) {
            places.append(place)
            place += PacketHeader.size + payload.count
        }
        return places
    }

    @Test(arguments: Reply.all.filter { !$0.events.contains(.localInfile) })
    func `a packet with another number than is due ends every reply`(_ reply: Reply) {
        for place in headers(reply.bytes) {
            for change: UInt8 in [1, 255, 128] {
                var bytes = reply.bytes
                bytes[place + 3] &+= change
                let expected = reply.bytes[place + 3]
                let error = WireError.wrongSequence(expected: expected, received: expected &+ change)
                #expect(throws: error) {
                    try RelayTranscript.run(reply.kind, reply.capabilities, pieces: [bytes[...]])
                }
                #expect(throws: error) {
                    try RelayTranscript.run(
                        reply.kind, reply.capabilities, pieces: bytes.indices.map { bytes[$0...$0] })
                }
            }
        }
    }

    @Test func `the numbers of a long result wrap around`() throws {
        let rows = (0..<1000).flatMap { packet(UInt8(truncatingIfNeeded: $0 + 1), [1, 0x31]) }
        let bytes = rows + packet(UInt8(truncatingIfNeeded: 1001), hex("fe 0000 0200"))
        let transcript = try RelayTranscript.run(.fetch, Reply.plain, pieces: [bytes[...]])
        #expect(transcript.rowCount == 1000 && transcript.isComplete)
    }

    @Test func `what was passed before the wrong number is known`() throws {
        let bytes = packet(1, [1, 0x31]) + packet(2, [1, 0x32]) + packet(4, [1, 0x33])
        var tracker = ResponseTracker()
        tracker.begin(.fetch, capabilities: Reply.plain)
        #expect(throws: WireError.wrongSequence(expected: 3, received: 4)) {
            try bytes.withUnsafeBytes { try tracker.advance($0) }
        }
        #expect(tracker.passed == 12)
        #expect(tracker.lastSequence == 2 && tracker.isBetweenPackets)
    }

    @Test(arguments: [Capabilities.compress, .zstdCompression])
    func `numbers that came in compressed frames are set right`(compression: Capabilities) throws {
        // The second result begins anew, as servers number it behind a frame.
        let first = packet(1, [1, 0x31]) + packet(2, [1, 0x32]) + packet(9, [1, 0x33])
        var bytes = first + packet(10, [1, 0x34]) + packet(2, hex("fe 0000 0200"))
        var tracker = ResponseTracker()
        tracker.begin(.fetch, capabilities: Reply.plain.union(compression))
        var offset = 0
        try bytes.withUnsafeMutableBytes { buffer in
            while !tracker.isComplete {
                let step = try tracker.advance(UnsafeRawBufferPointer(rebasing: buffer[offset...]))
                offset += step.passed + step.packetLength
            }
        }
        #expect(offset == bytes.count && tracker.rowCount == 4)
        #expect(headers(bytes).map { bytes[$0 + 3] } == [1, 2, 3, 4, 5])
    }

    @Test func `the frames of one packet are numbered too`() {
        var bytes = packet(1, [UInt8](repeating: 7, count: PacketHeader.maximumPayload + 5))
        bytes[PacketHeader.size + PacketHeader.maximumPayload + 3] = 3
        #expect(throws: WireError.wrongSequence(expected: 2, received: 3)) {
            try RelayTranscript.run(.fetch, Reply.plain, pieces: [bytes[...]])
        }
    }

    @Test func `a reply goes on from the command's last packet, whatever that was when nobody knows it`() throws {
        for (behind, first, isRight): (UInt8?, UInt8, Bool) in [
            (0, 1, true), (3, 4, true), (255, 0, true), (0, 2, false), (3, 1, false), (nil, 1, true), (nil, 77, true),
        ] {
            var tracker = ResponseTracker()
            tracker.begin(.fetch, capabilities: Reply.plain, behind: behind)
            let bytes = packet(first, [1, 0x31]) + packet(first &+ 1, hex("fe 0000 0200"))
            let step = bytes.withUnsafeBytes { try? tracker.advance($0) }
            #expect((step?.event == .endOfRows) == isRight, "\(String(describing: behind)) \(first)")
        }
    }

    @Test func `behind a file the server goes on from the file's last packet`() throws {
        for (last, verdict, isRight): (UInt8, UInt8, Bool) in [(2, 3, true), (9, 10, true), (9, 2, false)] {
            var tracker = ResponseTracker()
            tracker.begin(.query, capabilities: Reply.plain)
            _ = try Captured.infileRequest.withUnsafeBytes { try tracker.advance($0) }
            tracker.localInfileSent(behind: last)
            let step = packet(verdict, hex("00 00 00 0200 0000")).withUnsafeBytes { try? tracker.advance($0) }
            #expect((step?.event == .ok) == isRight)
        }
    }

    @Test func `the events of a log are not numbered one by one`() throws {
        var tracker = ResponseTracker()
        tracker.begin(.events, capabilities: Reply.plain)
        let bytes = packet(1, [0, 1, 2, 3]) + packet(9, [0, 1, 2, 3]) + packet(2, hex("fe 0000 0200"))
        let step = try bytes.withUnsafeBytes { try tracker.advance($0) }
        #expect(step.event == .endOfRows)
    }
}
