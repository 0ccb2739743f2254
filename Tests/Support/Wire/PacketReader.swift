// Reads the packets of results.

/// Column types that are read or sent.
struct ColumnType {
    let number: UInt8
    let isUnsigned: Bool

    /// The flag of a definition.
    static let unsigned = 0x20
    static let tiny: UInt8 = 1
    static let short: UInt8 = 2
    static let long: UInt8 = 3
    static let double: UInt8 = 5
    static let longLong: UInt8 = 8
    static let year: UInt8 = 13
    static let varString: UInt8 = 253
}

/// One packet, read from its start.
struct PacketReader {
    private let bytes: [UInt8]
    private var position = 0

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    mutating func skip(_ count: Int) { position += count }

    mutating func short() -> Int { fixed(2) }

    /// An integer of so many bytes.
    private mutating func fixed(_ count: Int) -> Int {
        var value: UInt64 = 0
        for index in 0..<count where position + index < bytes.count {
            value |= UInt64(bytes[position + index]) << (8 * UInt64(index))
        }
        position += count
        return Int(truncatingIfNeeded: value)
    }

    /// nil is NULL.
    mutating func lengthEncoded() -> Int? {
        guard position < bytes.count else { return 0 }
        let first = bytes[position]
        position += 1
        switch first {
        case 0xfb: return nil
        case 0xfc: return fixed(2)
        case 0xfd: return fixed(3)
        case 0xfe: return fixed(8)
        default: return Int(first)
        }
    }

    private mutating func text() -> String? {
        guard let count = lengthEncoded() else { return nil }
        let end = min(bytes.count, position + count)
        defer { position = end }
        return String(decoding: bytes[position..<end], as: UTF8.self)
    }

    /// Of a column definition, the type.
    mutating func columnType() -> ColumnType {
        for _ in 0..<6 { _ = text() }
        skip(1 + 2 + 4)
        return ColumnType(number: UInt8(truncatingIfNeeded: fixed(1)), isUnsigned: fixed(2) & ColumnType.unsigned != 0)
    }

    mutating func textRow(_ columns: Int) -> [String?] { (0..<columns).map { _ in text() } }

    mutating func binaryRow(_ types: [ColumnType]) -> [String?] {
        skip(1)
        let nulls = position
        skip((types.count + 9) / 8)
        return types.indices.map { index in
            if bytes[nulls + (index + 2) / 8] & (1 << UInt8((index + 2) % 8)) != 0 { return nil }
            switch types[index].number {
            case ColumnType.tiny: return String(Int8(truncatingIfNeeded: fixed(1)))
            case ColumnType.short, ColumnType.year: return String(Int16(truncatingIfNeeded: fixed(2)))
            case ColumnType.long: return String(Int32(truncatingIfNeeded: fixed(4)))
            case ColumnType.longLong where types[index].isUnsigned: return String(UInt64(bitPattern: Int64(fixed(8))))
            case ColumnType.longLong: return String(fixed(8))
            case ColumnType.double: return String(Double(bitPattern: UInt64(bitPattern: Int64(fixed(8)))))
            default: return text()
            }
        }
    }
}
