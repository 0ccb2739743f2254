// The shape of a statement: its bytes, with one byte in the place of each plain literal.
//
// Two texts of one shape come out of the tokenizer as the same tokens, but for the places and the bytes of literals.
// It is so because
//  1. a quote outside of quotes always opens a string or a quoted name, and both end by the same rules here and there:
//     comments and variables, which have rules of their own, give no shape, nor does a backslash in a string;
//  2. digits become one byte only where the tokenizer begins a token (behind white space or a character that is a token
//     by itself) and ends it (before white space, a comma or a parenthesis). Anywhere else they stay as they are;
//  3. everything else is copied, names in quotes included. So a shape can be split into literals and other bytes in one
//     way only.

/// Makes shapes. Bounded by `SQLLimits.shapedTextBytes`.
struct StatementShaper {
    private let uses: UnsafeMutablePointer<UInt8>
    private let target: UnsafeMutablePointer<UInt8>
    /// Bytes of the shape.
    private(set) var count = 0
    /// Where in the text its first literal begins; the text's end if it has none.
    private(set) var firstLiteral = 0

    /// - Parameters:
    ///   - target: room for as many bytes as the text has.
    ///   - uses: `byteUses`, which whoever makes many shapes keeps: each look at a shared table asks whether it is made.
    init(into target: UnsafeMutablePointer<UInt8>, uses: UnsafeMutablePointer<UInt8> = Self.byteUses) {
        self.target = target
        self.uses = uses
    }

    /// The use of every byte.
    static var byteUses: UnsafeMutablePointer<UInt8> { ByteUses.shared.table }

    /// Writes the shape of a text; false if it has none.
    mutating func shape(_ text: UnsafeRawBufferPointer, ansiQuotes: Bool) -> Bool {
        count = 0
        firstLiteral = text.count
        var position = 0
        while true {
            position = plainRun(text, position)
            guard position < text.count else { return true }
            guard let next = special(text, position, ansiQuotes) else { return false }
            position = next
        }
    }

    /// The hot loop: copies up to the next byte that is not plain, eight bytes at a time while the text has as many.
    @inline(__always)
    private mutating func plainRun(_ text: UnsafeRawBufferPointer, _ start: Int) -> Int {
        // In locals: a byte that is stored may be any other, as far as the compiler knows.
        let (uses, end) = (uses, text.count)
        var (position, next) = (start, UnsafeMutableRawPointer(target + count))
        while position &+ 8 <= end {
            let eight = UInt64(littleEndian: text.loadUnaligned(fromByteOffset: position, as: UInt64.self))
            // All of them, as the room behind the shape is not less than what is left of the text.
            next.storeBytes(of: eight.littleEndian, as: UInt64.self)
            let special = Self.specialBytes(eight)
            guard special == 0 else {
                position &+= special.trailingZeroBitCount / 8
                count &+= position &- start
                return position
            }
            next += 8
            position &+= 8
        }
        while position < end {
            let byte = text[position]
            guard uses[Int(byte)] == ByteUse.plain.rawValue else { break }
            next.storeBytes(of: byte, as: UInt8.self)
            next += 1
            position &+= 1
        }
        count &+= position &- start
        return position
    }

    /// The top bit of each of eight bytes that may not be plain: quotes, `#`, `-` to `;` with the digits, `@` and the
    /// backtick. A few plain bytes are among them.
    @inline(__always)
    private static func specialBytes(_ eight: UInt64) -> UInt64 {
        let tops: UInt64 = 0x8080_8080_8080_8080
        let ones: UInt64 = 0x0101_0101_0101_0101
        // Without their top bits no byte reaches into the next one.
        let low = eight & ~tops
        // `-` (0x2D) to `;` (0x3B): not below the one, and below what follows the other.
        let numbers = (low &+ ones &* (0x80 - 0x2D)) & ~(low &+ ones &* (0x80 - 0x3C))
        // `"` to `'` (0x22 to 0x27).
        let quotes = (low &+ ones &* (0x80 - 0x22)) & ~(low &+ ones &* (0x80 - 0x28))
        // `@` (0x40) and the backtick (0x60): nothing but their top two bits.
        let ticks = ~(((low | ones &* 0x20) ^ ones &* 0x60) &+ ones &* 0x7F)
        return (numbers | quotes | ticks) & tops & ~eight
    }

    /// Takes what begins with a byte that is not plain. Gives where it ends; nil if there is no shape.
    private mutating func special(
        _ text: UnsafeRawBufferPointer, _ position: Int, _ ansiQuotes: Bool
    ) -> Int? {
        let byte = text[position]
        switch uses[Int(byte)] {
        case ByteUse.digit.rawValue: return digits(text, position)
        case ByteUse.singleQuote.rawValue: return string(text, position, byte)
        case ByteUse.doubleQuote.rawValue:
            return ansiQuotes ? quotedName(text, position, byte) : string(text, position, byte)
        case ByteUse.backtick.rawValue: return quotedName(text, position, byte)
        case ByteUse.dash.rawValue where position + 1 < text.count && text[position + 1] == byte: return nil
        case ByteUse.slash.rawValue where position + 1 < text.count && text[position + 1] == UInt8(ascii: "*"):
            return nil
        case ByteUse.refused.rawValue: return nil
        default:
            append(byte)
            return position + 1
        }
    }

    @inline(__always)
    private mutating func append(_ byte: UInt8) {
        target[count] = byte
        count &+= 1
    }

    @inline(__always)
    private mutating func appendLiteral(_ mark: UInt8, at position: Int) {
        if position < firstLiteral { firstLiteral = position }
        append(mark)
    }

    /// `12` and `1.5` as one byte, where they are a token; otherwise as they are.
    @inline(__always)
    private mutating func digits(_ text: UnsafeRawBufferPointer, _ start: Int) -> Int {
        if Self.beginsToken(text, start) {
            var end = Self.endOfDigits(text, start)
            if end < text.count, text[end] == UInt8(ascii: ".") { end = Self.endOfDigits(text, end + 1) }
            if end == text.count || Self.endsNumber(text[end]) {
                appendLiteral(UInt8(ascii: "0"), at: start)
                return end
            }
        }
        // What follows a digit begins no token: the others come one by one.
        append(text[start])
        return start + 1
    }

    @inline(__always)
    private static func endOfDigits(_ text: UnsafeRawBufferPointer, _ start: Int) -> Int {
        var end = start
        while end < text.count, text[end] &- 0x30 < 10 { end &+= 1 }
        return end
    }

    /// Whether what stands at `start`, outside of quotes, begins a token whatever comes before. A `-` that does so itself
    /// may come between: it is no part of an exponent.
    @inline(__always)
    private static func beginsToken(_ text: UnsafeRawBufferPointer, _ start: Int) -> Bool {
        guard start > 0 else { return true }
        var before = text[start - 1]
        if before == UInt8(ascii: "-") {
            guard start > 1 else { return true }
            before = text[start - 2]
        }
        switch before {
        case 0x09...0x0D, 0x20, UInt8(ascii: "="), UInt8(ascii: "("), UInt8(ascii: ","), UInt8(ascii: "<"),
            UInt8(ascii: ">"):
            return true
        default: return false
        }
    }

    @inline(__always)
    private static func endsNumber(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x09...0x0D, 0x20, UInt8(ascii: ")"), UInt8(ascii: ","): true
        default: false
        }
    }

    /// A string as its quote alone. One that is not closed, or has a backslash, has no shape.
    private mutating func string(_ text: UnsafeRawBufferPointer, _ start: Int, _ quote: UInt8) -> Int? {
        var position = start + 1
        while position < text.count {
            let byte = text[position]
            if byte == UInt8(ascii: "\\") { return nil }
            position &+= 1
            guard byte == quote else { continue }
            guard position < text.count, text[position] == quote else {
                appendLiteral(quote, at: start)
                return position
            }
            position &+= 1
        }
        return nil
    }

    /// A name in quotes, as it is. A doubled quote ends it and begins another, which copies the same bytes.
    private mutating func quotedName(_ text: UnsafeRawBufferPointer, _ start: Int, _ quote: UInt8) -> Int? {
        append(quote)
        var position = start + 1
        while position < text.count {
            let byte = text[position]
            append(byte)
            position &+= 1
            if byte == quote { return position }
        }
        return nil
    }
}

/// What a byte means for the shape.
private enum ByteUse: UInt8 {
    /// It is copied.
    case plain
    case digit
    case singleQuote
    case doubleQuote
    case backtick
    /// Two of them begin a comment.
    case dash
    /// With a `*` it begins a comment.
    case slash
    /// A text with it has no shape: a comment, a variable, the end of a statement.
    case refused
}

/// The use of every byte. `@unchecked Sendable` because it is read-only after `init`; one for the process, never freed.
private struct ByteUses: @unchecked Sendable {
    let table: UnsafeMutablePointer<UInt8>

    static let shared = ByteUses()

    private init() {
        table = .allocate(capacity: 256)
        table.initialize(repeating: ByteUse.plain.rawValue, count: 256)
        let special: [(characters: StaticString, use: ByteUse)] = [
            ("0123456789", .digit), ("'", .singleQuote), ("\"", .doubleQuote), ("`", .backtick), ("-", .dash),
            ("/", .slash), ("#@;", .refused),
        ]
        for (characters, use) in special {
            for offset in 0..<characters.utf8CodeUnitCount { table[Int(characters.utf8Start[offset])] = use.rawValue }
        }
    }
}
