// Bytes nobody should send: nothing traps, and splits still do not matter.

import Testing
import Wire

@Suite struct GarbageTests {
    private static let kinds: [ResponseKind] = [.okOrError, .query, .prepare, .fetch, .fieldList, .statistics]

    private static let capabilitySets: [Capabilities] = [
        Reply.plain, Reply.modern, Reply.plain.union([.mariadbProgress, .mariadbCacheMetadata]),
        Reply.modern.union([.optionalResultsetMetadata]),
    ]

    /// Short packets with short lengths, so that the machine gets far before it fails.
    private static func stream(_ random: inout SeededRandom) -> [UInt8] {
        var bytes: [UInt8] = []
        var number: UInt8 = 0
        let interesting: [UInt8] = [0, 1, 2, 3, 0xFA, 0xFB, 0xFC, 0xFD, 0xFE, 0xFF]
        for _ in 0..<Int.random(in: 0...5, using: &random) {
            let length = Int.random(in: 0...12, using: &random)
            // Mostly numbered as it should be: otherwise nothing else would ever be looked at.
            number = Int.random(in: 0..<50, using: &random) == 0 ? random.byte() : number &+ 1
            bytes += [UInt8(length), 0, 0, number]
            for _ in 0..<length {
                bytes.append(Bool.random(using: &random) ? interesting.randomElement(using: &random)! : random.byte())
            }
        }
        for _ in 0..<Int.random(in: 0...3, using: &random) { bytes.append(random.byte()) }
        return bytes
    }

    @Test func `200,000 random streams do not trap the tracker`() {
        var random = SeededRandom(state: 1)
        var thrown = 0
        for _ in 0..<200_000 {
            let bytes = Self.stream(&random)
            var tracker = ResponseTracker()
            tracker.begin(
                Self.kinds.randomElement(using: &random)!,
                capabilities: Self.capabilitySets.randomElement(using: &random)!)
            do {
                try bytes.withUnsafeBytes { raw in
                    var offset = 0
                    var step: ResponseStep
                    repeat {
                        step = try tracker.advance(UnsafeRawBufferPointer(rebasing: raw[offset...]))
                        offset += step.passed + step.packetLength
                        precondition(offset <= raw.count)
                    } while step.event != .needMoreBytes
                }
            } catch {
                thrown += 1
            }
        }
        #expect(thrown > 10_000)
        #expect(thrown < 190_000)
    }

    @Test func `damaged replies come out the same in one piece and byte by byte`() {
        var random = SeededRandom(state: 2)
        for _ in 0..<4_000 {
            let reply = Reply.all.randomElement(using: &random)!
            var bytes = reply.bytes
            for _ in 0..<Int.random(in: 1...3, using: &random) {
                bytes[Int.random(in: bytes.indices, using: &random)] = random.byte()
            }
            let whole = try? RelayTranscript.run(reply.kind, reply.capabilities, pieces: [bytes[...]])
            let single = try? RelayTranscript.run(
                reply.kind, reply.capabilities, pieces: bytes.indices.map { bytes[$0...$0] })
            #expect(whole == single)
        }
    }

    @Test func `random payloads do not trap any decoder`() {
        var random = SeededRandom(state: 3)
        var understood = 0
        for _ in 0..<50_000 {
            var bytes = (0..<Int.random(in: 0...90, using: &random)).map { _ in random.byte() }
            if Bool.random(using: &random) {
                bytes = payloads([Captured.greeting, Captured.okWithEverything].randomElement(using: &random)!)[0]
                bytes[Int.random(in: bytes.indices, using: &random)] = random.byte()
            }
            understood += bytes.withUnsafeBytes(Self.decodeAll)
        }
        #expect(understood > 0)
    }

    /// How many decoders accepted the bytes.
    private static func decodeAll(_ bytes: UnsafeRawBufferPointer) -> Int {
        var count = 0
        func attempt(_ decoder: () throws -> Void) { if (try? decoder()) != nil { count += 1 } }
        attempt { _ = try InitialHandshake.parse(bytes) }
        attempt { _ = try ClientHandshake.parse(bytes) }
        attempt { _ = try AuthSwitchRequest.parse(bytes) }
        attempt { _ = try OKPacket.parse(bytes, capabilities: Reply.plain) }
        attempt { _ = try OKPacket.parse(bytes, capabilities: Reply.modern) }
        attempt { _ = try ErrorPacket.parse(bytes) }
        attempt { _ = try EOFPacket.parse(bytes) }
        attempt { _ = try PrepareOK.parse(bytes) }
        attempt { _ = try ColumnDefinition.parse(bytes) }
        attempt { _ = try MariaDBPosition.parse(bytes) }
        attempt { _ = try MySQLGTIDSet.parse(bytes) }
        attempt {
            var reader = SessionStateReader(bytes)
            while try reader.next() != nil {}
        }
        return count
    }
}

extension SeededRandom {
    mutating func byte() -> UInt8 { UInt8(truncatingIfNeeded: next()) }
}
