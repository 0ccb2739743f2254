// Short ways to write bytes in tests, and a random source that repeats.

import Wire

/// Bytes of a hexadecimal text; white space is ignored.
func hex(_ text: String) -> [UInt8] {
    let digits = text.compactMap(\.hexDigitValue)
    precondition(digits.count.isMultiple(of: 2))
    return stride(from: 0, to: digits.count, by: 2).map { UInt8(digits[$0] << 4 | digits[$0 + 1]) }
}

/// One packet with its header.
func packet(_ sequence: UInt8, _ payload: [UInt8]) -> [UInt8] {
    var writer = ByteWriter()
    var sequence = sequence
    writer.writePacket(sequence: &sequence, payload: payload)
    return writer.bytes
}

/// The same packets, numbered from 1 on; with `behindFile`, a client's file of one packet comes after the first.
func numbered(_ bytes: [UInt8], behindFile: Bool = false) -> [UInt8] {
    var bytes = bytes
    var place = 0
    var number: UInt8 = 1
    while place < bytes.count {
        bytes[place + 3] = number
        number &+= behindFile && number == 1 ? 2 : 1
        place += 4 + (Int(bytes[place]) | Int(bytes[place + 1]) << 8 | Int(bytes[place + 2]) << 16)
    }
    return bytes
}

/// The payloads of complete packets, none of which has several frames.
func payloads(_ bytes: [UInt8]) -> [[UInt8]] {
    var result: [[UInt8]] = []
    var rest = bytes[...]
    while rest.count >= 4 {
        let length = Int(rest[rest.startIndex]) | Int(rest[rest.startIndex + 1]) << 8
        result.append(Array(rest.dropFirst(4).prefix(length)))
        rest = rest.dropFirst(4 + length)
    }
    return result
}

func text(_ bytes: UnsafeRawBufferPointer) -> String { String(wire: bytes) }

/// SplitMix64: the same numbers in every run.
struct SeededRandom: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
        return value ^ (value >> 31)
    }
}
