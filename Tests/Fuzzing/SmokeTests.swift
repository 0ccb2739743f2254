// A short run of every fuzz target as an ordinary test: its seeds, each input that once failed, and mutations of them
// from a fixed seed. `run.sh` runs the same targets for longer, guided by coverage.
import Foundation
import Testing

@Suite struct FuzzingSmokeTests {
    /// Mutated inputs for each target.
    private static let mutations = 20_000

    @Test(arguments: FuzzTarget.allCases)
    func `neither seeds nor mutations of them make the target trap`(target: FuzzTarget) throws {
        let inputs = target.seeds + (try Self.kept(target))
        #expect(!inputs.isEmpty)
        for input in inputs { Self.run(target, input) }
        var random = Mutator(state: 0x5EED)
        // YAML, signatures and RSA take their time.
        let isSlow = [.settings, .clientLogin, .serverLogin].contains(target)
        let rounds = isSlow ? Self.mutations / 40 : Self.mutations
        for _ in 0..<rounds { Self.run(target, random.mutated(inputs)) }
    }

    /// Inputs that failed once, by target.
    private static func kept(_ target: FuzzTarget) throws -> [[UInt8]] {
        let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Corpus/\(target.rawValue)")
        guard let names = try? FileManager.default.contentsOfDirectory(atPath: folder.path) else { return [] }
        return try names.sorted().map { [UInt8](try Data(contentsOf: folder.appending(path: $0))) }
    }

    private static func run(_ target: FuzzTarget, _ input: [UInt8]) {
        // A buffer of its own, so that a read behind the end is one behind an allocation.
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: input.count, alignment: 1)
        defer { buffer.deallocate() }
        buffer.copyBytes(from: input)
        target.run(UnsafeRawBufferPointer(buffer))
    }
}

/// Changes inputs the way libFuzzer does, without its eyes.
private struct Mutator: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = (state ^ (state >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    mutating func mutated(_ inputs: [[UInt8]]) -> [UInt8] {
        let interesting: [UInt8] = [0, 1, 2, 3, 0x7F, 0x80, 0xFA, 0xFB, 0xFC, 0xFD, 0xFE, 0xFF]
        var bytes = inputs[Int.random(in: inputs.indices, using: &self)]
        for _ in 0...Int.random(in: 0...4, using: &self) {
            let at = Int.random(in: 0...bytes.count, using: &self)
            switch Int.random(in: 0..<6, using: &self) {
            case 0: bytes.insert(interesting[Int.random(in: interesting.indices, using: &self)], at: at)
            case 1 where at < bytes.count: bytes.remove(at: at)
            case 2 where at < bytes.count: bytes[at] = UInt8.random(in: 0...255, using: &self)
            case 3: bytes = Array(bytes[..<at])
            case 4:
                let other = inputs[Int.random(in: inputs.indices, using: &self)]
                bytes = bytes[..<at] + other.suffix(Int.random(in: 0...other.count, using: &self))
            case _ where at < bytes.count:
                bytes[at] = interesting[Int.random(in: interesting.indices, using: &self)]
            default: break
            }
        }
        return bytes
    }
}
