// Frames there and back, in every split, and what hostile ones come to.
import Testing

@testable import Compression

@Suite struct FrameCodecTests {
    private let tools = CompressionTools()

    @Test(arguments: CompressionAlgorithm.allCases, [1, 2, 48, 49, 50, 1_000, 131_072, 131_073, 1_000_000])
    func `what is encoded comes out again, text or noise`(algorithm: CompressionAlgorithm, size: Int) throws {
        for content in [text(size), noise(size)] {
            let bytes = packet(content)
            var client = FrameCodec(algorithm, role: .client)
            var server = FrameCodec(algorithm, role: .server)
            let frames = client.encoded(bytes, tools)
            #expect(try server.decoded(frames, tools) == bytes)
            let reply = packet(content, 1)
            #expect(try client.decoded(server.encoded(reply, tools), tools) == reply)
        }
    }

    @Test(arguments: CompressionAlgorithm.allCases)
    func `frames may come in any pieces and go into any space`(algorithm: CompressionAlgorithm) throws {
        let bytes = packet(text(300)) + packet(noise(70)) + packet(text(10)) + packet(text(2_000))
        var sender = FrameCodec(algorithm, role: .client)
        let frames = sender.encoded(bytes, tools)
        for piece in [1, 2, 3, 7, 8, 50, .max] {
            for space in [1, 2, 5, 64, 10_000] {
                for role in [FrameCodec.Role.server] {
                    var receiver = FrameCodec(algorithm, role: role)
                    #expect(try receiver.decoded(frames, tools, inputPiece: piece, targetSize: space) == bytes)
                }
            }
        }
    }

    @Test(arguments: CompressionAlgorithm.allCases)
    func `every truncation waits, and none is taken for a whole`(algorithm: CompressionAlgorithm) throws {
        let bytes = packet(text(400))
        var sender = FrameCodec(algorithm, role: .client)
        let frames = sender.encoded(bytes, tools)
        for length in 0..<frames.count {
            var receiver = FrameCodec(algorithm, role: .server)
            let plain = try receiver.decoded(Array(frames[..<length]), tools)
            #expect(bytes.starts(with: plain))
            #expect(receiver.phase != .header || receiver.headerCount > 0 || length == 0)
        }
    }

    @Test func `short frames and those that do not get shorter are sent as they are`() {
        var codec = FrameCodec(.zlib, role: .client)
        #expect(codec.encoded(packet(text(45)), tools) == frame(packet(text(45))))
        #expect(codec.encoded(packet(text(46)), tools)[4] == 50)
        let random = packet(noise(500))
        #expect(codec.encoded(random, tools) == frame(random))
        var eager = FrameCodec(.zlib, role: .client, threshold: 20)
        #expect(eager.encoded(packet([UInt8](repeating: 1, count: 30)), tools)[4] == 34)
    }

    @Test func `the codec itself is small and holds a decoder only within a frame`() throws {
        #expect(MemoryLayout<FrameCodec>.size <= 128)
        var sender = FrameCodec(.zstd, role: .client)
        var receiver = FrameCodec(.zstd, role: .server)
        let frames = sender.encoded(packet(text(5_000)), tools)
        _ = try receiver.decoded(Array(frames.dropLast()), tools)
        #expect(receiver.decoder != nil)
        _ = try receiver.decoded([frames[frames.count - 1]], tools)
        #expect(receiver.decoder == nil)
    }
}

@Suite struct HostileFrameTests {
    private let tools = CompressionTools()

    private func error(
        _ frames: [UInt8], _ algorithm: CompressionAlgorithm = .zlib, role: FrameCodec.Role = .server
    ) -> CompressionError? {
        var codec = FrameCodec(algorithm, role: role)
        do {
            _ = try codec.decoded(frames, tools)
            return nil
        } catch { return error as? CompressionError }
    }

    /// The content of one frame that decodes to `plain`.
    private func content(_ plain: [UInt8], _ algorithm: CompressionAlgorithm) -> [UInt8] {
        var codec = FrameCodec(algorithm, role: .server)
        return Array(codec.encoded(plain, tools).dropFirst(7))
    }

    @Test(arguments: CompressionAlgorithm.allCases)
    func `the announced length must be met exactly`(algorithm: CompressionAlgorithm) {
        let plain = text(1_000)
        let inside = content(plain, algorithm)
        #expect(error(frame(inside, plain: 1_000), algorithm) == nil)
        for wrong in [1, 2, 500, 999] {
            #expect(error(frame(inside, plain: wrong), algorithm) != nil)
        }
        for wrong in [1_001, 2_000, 0xFF_FFFF] {
            #expect(error(frame(inside, plain: wrong), algorithm) == .shorterThanAnnounced)
        }
        #expect(error(frame(inside + [0], plain: 1_000), algorithm) == .trailingBytes)
        #expect(error(frame(Array(inside.dropLast()), plain: 1_000) + [0], algorithm) == .shorterThanAnnounced)
    }

    @Test(arguments: CompressionAlgorithm.allCases)
    func `a bomb stops at what it announced`(algorithm: CompressionAlgorithm) {
        var stream: [UInt8] = []
        // One content of 128 KiB of zeros, announced as 100 bytes.
        stream = content([UInt8](repeating: 0, count: 131_072), algorithm)
        #expect(stream.count < 1_000)
        #expect(error(frame(stream, plain: 100), algorithm) == .longerThanAnnounced)
    }

    @Test(arguments: CompressionAlgorithm.allCases)
    func `garbage is an error, whatever it is`(algorithm: CompressionAlgorithm) {
        let inside = content(text(600), algorithm)
        for seed in 0..<2_000 as Range<UInt64> {
            var bytes = seed.isMultiple(of: 2) ? inside : noise(40, seed: seed)
            let dice = noise(2, seed: seed &* 77)
            if seed.isMultiple(of: 2) { bytes[Int(dice[0]) % bytes.count] ^= dice[1] | 1 }
            var codec = FrameCodec(algorithm, role: .server)
            if let plain = try? codec.decoded(frame(bytes, plain: 600), tools) { #expect(plain.count <= 600) }
        }
    }

    @Test func `an empty frame is an error`() {
        #expect(error(frame([])) == .emptyFrame)
        #expect(error(frame([], plain: 5)) == .emptyFrame)
    }

    @Test func `a wrong number is an error`() {
        let good = frame(packet([1]))
        #expect(error(frame(packet([1]), number: 1)) == .outOfOrder(expected: 0, received: 1))
        #expect(error(good + frame(packet([1]), number: 2)) == .outOfOrder(expected: 1, received: 2))
        #expect(error(good + good) == nil)
        #expect(error(frame(packet([1]), number: 5), role: .client) == .outOfOrder(expected: 0, received: 5))
    }
}

@Suite struct FrameNumberTests {
    private let tools = CompressionTools()

    private func numbers(_ frames: [UInt8]) -> [UInt8] {
        var numbers: [UInt8] = []
        var offset = 0
        while offset + 7 <= frames.count {
            numbers.append(frames[offset + 3])
            offset += 7 + Int(frames[offset]) + Int(frames[offset + 1]) << 8 + Int(frames[offset + 2]) << 16
        }
        return numbers
    }

    @Test func `towards a server each command begins a frame with number 0`() {
        var codec = FrameCodec(.zlib, role: .client)
        #expect(numbers(codec.encoded(packet([3, 65]) + packet([14]) + packet([14]), tools)) == [0, 0, 0])
        #expect(numbers(codec.encoded(packet(noise(300_000)), tools)) == [0, 1, 2])
        #expect(numbers(codec.encoded(packet([14]), tools)) == [0])
    }

    @Test func `a command of several packets is numbered through`() {
        var codec = FrameCodec(.zlib, role: .client)
        let full = [UInt8](repeating: 7, count: 0xFF_FFFF)
        let frames = codec.encoded(packet(full) + packet([], 1), tools)
        #expect(numbers(frames) == (0...128).map { UInt8($0) })
    }

    @Test func `a file goes on from the frame that asked for it, past packet number 255`() throws {
        var codec = FrameCodec(.zlib, role: .client)
        _ = codec.encoded(packet([3, 1]), tools)
        _ = try codec.decoded(frame(packet([0xFB, 65], 1), number: 1), tools)
        var sent: [UInt8] = []
        for sequence in 2...300 {
            sent += numbers(codec.encoded(packet([1, 2, 3], UInt8(truncatingIfNeeded: sequence)), tools))
        }
        #expect(sent == (2...300).map { UInt8(truncatingIfNeeded: $0) })
        _ = try codec.decoded(frame(packet([0], 45), number: UInt8(truncatingIfNeeded: 301)), tools)
        #expect(numbers(codec.encoded(packet([14]), tools)) == [0])
    }

    @Test func `replies to commands sent without waiting may begin anew`() throws {
        var codec = FrameCodec(.zlib, role: .client)
        _ = codec.encoded(packet([14]) + packet([14]), tools)
        let reply = frame(packet([0], 1), number: 1) + frame(packet([0], 2), number: 2)
        #expect(try codec.decoded(reply + reply, tools).count == 20)
        _ = codec.encoded(packet(noise(300_000)), tools)
        #expect(try codec.decoded(frame(packet([0], 1), number: 3), tools).count == 5)
    }

    @Test func `a reply to a client goes on from its command's last frame`() throws {
        var codec = FrameCodec(.zlib, role: .server)
        _ = try codec.decoded(frame([1]), tools)
        _ = try codec.decoded(frame([1], number: 1), tools)
        #expect(numbers(codec.encoded(packet([0], 1), tools)) == [2])
        _ = try codec.decoded(frame([1], number: 3), tools)
        #expect(numbers(codec.encoded(packet([0], 1), tools)) == [4])
        _ = try codec.decoded(frame([1]), tools)
        #expect(numbers(codec.encoded(packet([0], 1), tools)) == [1])
    }

    @Test func `a reply is numbered as if there were no frames`() throws {
        for (algorithm, piece) in [(CompressionAlgorithm.zlib, 1), (.zlib, 3), (.zstd, 100), (.zstd, 100_000)] {
            var codec = FrameCodec(algorithm, role: .client)
            // State in front, a command of three frames and one packet, and a statement behind it.
            _ = codec.encoded(packet([3, 1]) + packet(noise(300_000)) + packet([3, 2]), tools)
            let replies =
                frame(packet([0], 1), number: 1) + frame(packet([1], 3) + packet(text(30), 4), number: 3)
                + frame(packet([254], 5), number: 4) + frame(packet([0], 1), number: 1)
            let plain = try codec.decoded(replies, tools, inputPiece: piece, targetSize: 16)
            #expect(
                plain == packet([0], 1) + packet([1], 1) + packet(text(30), 2) + packet([254], 3) + packet([0], 1))
        }
    }

    @Test(arguments: [0x18, 0x19] as [UInt8])
    func `a command without a reply does not disturb later replies`(code: UInt8) throws {
        var codec = FrameCodec(.zlib, role: .client)
        // Three frames that nobody answers, and a command whose reply has frames of the same number.
        _ = codec.encoded(packet([code] + noise(300_000)) + packet([3, 2]), tools)
        let content = text(3_000)
        let plain = packet([1], 1) + packet(content, 2) + packet([254], 3)
        var replies: [UInt8] = []
        for number in 0..<5 {
            replies += frame(Array(plain.dropFirst(700 * number).prefix(700)), number: UInt8(number + 1))
        }
        #expect(try codec.decoded(replies, tools) == plain)
    }

    @Test func `the reply behind one that ended with frame 0 has its own numbers`() throws {
        var codec = FrameCodec(.zlib, role: .client)
        let frames = codec.encoded(packet(noise(256 * 131_072 / 4)), tools)
        let count = UInt8(numbers(frames).count)
        // The reply's frames go on until their number is 0 again.
        let packets = (0...(255 - count)).map { packet([0], count &+ $0) } + [packet([0], 0)]
        for (index, one) in packets.enumerated() {
            _ = try codec.decoded(frame(one, number: count &+ UInt8(index)), tools)
        }
        _ = codec.encoded(packet([3, 1]), tools)
        #expect(try codec.decoded(frame(packet([0], 1), number: 1), tools) == packet([0], 1))
    }

    @Test func `a header across the end of a part begins the next part`() {
        for first in 131_064..<131_072 {
            var codec = FrameCodec(.zlib, role: .client)
            let frames = codec.encoded(packet(noise(first)) + packet([3, 2]), tools)
            #expect(numbers(frames).last == 0, "\(first)")
        }
    }

    @Test func `the verdict on a file is numbered behind the file's packets`() throws {
        var codec = FrameCodec(.zlib, role: .client)
        _ = codec.encoded(packet([3, 1]), tools)
        _ = try codec.decoded(frame(packet([0xFB, 65], 1), number: 1), tools)
        #expect(numbers(codec.encoded(packet([1], 2) + packet([2], 3) + packet([], 4), tools)) == [2])
        #expect(try codec.decoded(frame(packet([0], 3), number: 3), tools) == packet([0], 5))
    }

    @Test func `a client's frames are decoded one at a time, a server's together`() throws {
        let frames = frame(packet([14])) + frame(packet([14]))
        for (role, count) in [(FrameCodec.Role.server, 5), (.client, 10)] {
            var codec = FrameCodec(.zlib, role: role)
            // A server's first frame has number 1.
            let input = role == .server ? frames : frame(packet([0], 1), number: 1) + frame(packet([0], 2), number: 2)
            var target = [UInt8](repeating: 0, count: 100)
            let step = try input.withUnsafeBytes { source in
                try target.withUnsafeMutableBytes { try codec.decode(source, into: $0, tools) }
            }
            #expect(step.produced == count)
        }
    }
}

@Suite struct DecoderMemoryTests {
    private static let mebibyte = 1024 * 1024

    /// The first half of a frame with `count` plain bytes; towards `role`, from its peer.
    private func half(_ count: Int, _ algorithm: CompressionAlgorithm) -> [UInt8] {
        let tools = CompressionTools()
        let plain = noise(4_096) + [UInt8](repeating: 7, count: count - 4_096)
        var target = [UInt8](repeating: 0, count: count + 1_024)
        let length = plain.withUnsafeBytes { source in
            target.withUnsafeMutableBytes { tools.compress(source, with: algorithm, level: 3, into: $0) }
        }
        let whole = frame(Array(target[..<(length ?? 0)]), plain: count)
        return Array(whole[..<(whole.count / 2)])
    }

    @Test func `clients' unfinished frames have a limit together, and who waits within it goes on`() throws {
        let tools = CompressionTools(clientDecoderBytes: 6 * Self.mebibyte)
        let first = half(8 * Self.mebibyte, .zstd)
        var codecs = [FrameCodec(.zstd, role: .server), FrameCodec(.zstd, role: .server)]
        for index in codecs.indices { _ = try codecs[index].decoded(first, tools) }
        #expect(tools.clientMemory.heldBytes > 4 * Self.mebibyte)
        var third = FrameCodec(.zstd, role: .server)
        #expect(throws: CompressionError.tooManyUnfinished) { _ = try third.decoded(first, tools) }
        third.stopDecoding()
        // Small ones, and those of servers, are decoded as before.
        var small = FrameCodec(.zlib, role: .server)
        var sender = FrameCodec(.zlib, role: .client)
        let bytes = packet(text(2_000))
        #expect(try small.decoded(sender.encoded(bytes, tools), tools) == bytes)
        var node = FrameCodec(.zstd, role: .client)
        _ = try node.decoded(half(8 * Self.mebibyte, .zstd), tools)
        codecs.removeLast()
        var fourth = FrameCodec(.zstd, role: .server)
        _ = try fourth.decoded(first, tools)
    }

    @Test(arguments: CompressionAlgorithm.allCases)
    func `what a frame held is given back when it is complete, and when its connection ends`(
        algorithm: CompressionAlgorithm
    ) throws {
        let tools = CompressionTools()
        let bytes = packet(text(50_000))
        var sender = FrameCodec(algorithm, role: .client)
        let frames = sender.encoded(bytes, tools)
        do {
            var receiver = FrameCodec(algorithm, role: .server)
            _ = try receiver.decoded(Array(frames[..<(frames.count / 2)]), tools)
            #expect(tools.clientMemory.heldBytes > 0)
        }
        #expect(tools.clientMemory.heldBytes == 0)
        var receiver = FrameCodec(algorithm, role: .server)
        #expect(try receiver.decoded(frames, tools) == bytes)
        #expect(tools.clientMemory.heldBytes == 0)
    }
}
