// Cuts MySQL text into tokens: comments are skipped, the contents of `/*! … */` are kept.

/// One pass over the bytes of a statement.
struct ConsoleTokenizer {
    let bytes: [UInt8]
    private var position = 0
    private var insideConditionalComment = false

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0D).contains(byte) }

    private static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }

    private static func isNamePart(_ byte: UInt8) -> Bool {
        isDigit(byte) || (0x41...0x5A).contains(byte & 0xDF) || byte == 0x5F || byte == 0x24 || byte >= 0x80
    }

    private func byte(at offset: Int) -> UInt8? { offset < bytes.count ? bytes[offset] : nil }

    private func starts(with text: StaticString, at offset: Int) -> Bool {
        guard offset + text.utf8CodeUnitCount <= bytes.count else { return false }
        return text.withUTF8Buffer { expected in bytes[offset..<offset + expected.count].elementsEqual(expected) }
    }

    /// The next token, nil at the end.
    mutating func next() throws(ConsoleError) -> ConsoleToken? {
        try skipBlanks()
        guard let byte = byte(at: position) else { return nil }
        let start = position
        let kind: ConsoleToken.Kind
        switch byte {
        case UInt8(ascii: "'"), UInt8(ascii: "\""): kind = .string(try quoted(by: byte, escapes: true))
        case UInt8(ascii: "`"): kind = .quotedIdentifier(try quoted(by: byte, escapes: false))
        case UInt8(ascii: "@"): kind = try variable()
        case _ where Self.isDigit(byte): kind = .number(run { Self.isNamePart($0) || $0 == UInt8(ascii: ".") })
        case _ where Self.isNamePart(byte): kind = .word(run(of: Self.isNamePart))
        case 0: throw ConsoleError.syntax("a zero byte at position \(start)")
        default: kind = .symbol(symbol())
        }
        return ConsoleToken(kind: kind, range: start..<position)
    }

    private mutating func run(of isPart: (UInt8) -> Bool) -> String {
        let start = position
        while let byte = byte(at: position), isPart(byte) { position += 1 }
        return String(decoding: bytes[start..<position], as: UTF8.self)
    }

    private mutating func symbol() -> String {
        let length = starts(with: "<=>", at: position) ? 3 : starts(with: "&&", at: position) ? 2 : 1
        defer { position += length }
        return String(decoding: bytes[position..<position + length], as: UTF8.self)
    }

    private mutating func variable() throws(ConsoleError) -> ConsoleToken.Kind {
        position += 1
        guard byte(at: position) == UInt8(ascii: "@") else {
            if let quote = byte(at: position), quote == UInt8(ascii: "'") || quote == UInt8(ascii: "`") {
                return .userVariable(try quoted(by: quote, escapes: quote != UInt8(ascii: "`")))
            }
            return .userVariable(run { Self.isNamePart($0) || $0 == UInt8(ascii: ".") })
        }
        position += 1
        var name = ""
        while true {
            let part: String
            if byte(at: position) == UInt8(ascii: "`") {
                part = try quoted(by: UInt8(ascii: "`"), escapes: false)
            } else {
                part = run(of: Self.isNamePart)
            }
            if name.isEmpty || ["global", "session", "local"].contains(name.lowercased()) {
                name = part
            } else {
                name += "." + part
            }
            guard byte(at: position) == UInt8(ascii: ".") else { break }
            position += 1
        }
        guard !name.isEmpty else { throw ConsoleError.syntax("a system variable without a name") }
        return .systemVariable(name)
    }

    private mutating func quoted(by quote: UInt8, escapes: Bool) throws(ConsoleError) -> String {
        let start = position
        var value: [UInt8] = []
        position += 1
        while let byte = byte(at: position) {
            position += 1
            if byte == quote {
                guard self.byte(at: position) == quote else { return String(decoding: value, as: UTF8.self) }
                position += 1
                value.append(quote)
            } else if byte == UInt8(ascii: "\\"), escapes, let escaped = self.byte(at: position) {
                position += 1
                value.append(contentsOf: Self.unescaped(escaped))
            } else {
                value.append(byte)
            }
        }
        throw ConsoleError.syntax("the quoted text at position \(start) is not closed")
    }

    /// MySQL's escapes; `\%` and `\_` stay as they are, for LIKE.
    private static func unescaped(_ byte: UInt8) -> [UInt8] {
        switch byte {
        case UInt8(ascii: "n"): [0x0A]
        case UInt8(ascii: "t"): [0x09]
        case UInt8(ascii: "r"): [0x0D]
        case UInt8(ascii: "b"): [0x08]
        case UInt8(ascii: "Z"): [0x1A]
        case UInt8(ascii: "0"): [0x00]
        case UInt8(ascii: "%"), UInt8(ascii: "_"): [UInt8(ascii: "\\"), byte]
        default: [byte]
        }
    }

    private mutating func skipBlanks() throws(ConsoleError) {
        while let byte = byte(at: position) {
            if Self.isSpace(byte) {
                position += 1
            } else if byte == UInt8(ascii: "#") || startsLineComment() {
                while let byte = self.byte(at: position), byte != 0x0A { position += 1 }
            } else if starts(with: "/*!", at: position) || starts(with: "/*M!", at: position) {
                position += bytes[position + 2] == UInt8(ascii: "!") ? 3 : 4
                while let byte = self.byte(at: position), Self.isDigit(byte) { position += 1 }
                insideConditionalComment = true
            } else if starts(with: "/*", at: position) {
                try skipBlockComment()
            } else if insideConditionalComment, starts(with: "*/", at: position) {
                position += 2
                insideConditionalComment = false
            } else {
                return
            }
        }
        if insideConditionalComment { throw ConsoleError.syntax("a comment is not closed") }
    }

    /// `--` begins a comment only before white space or the end: `5--1` is a subtraction.
    private func startsLineComment() -> Bool {
        guard starts(with: "--", at: position) else { return false }
        guard let following = byte(at: position + 2) else { return true }
        return Self.isSpace(following)
    }

    private mutating func skipBlockComment() throws(ConsoleError) {
        let start = position
        position += 2
        while position < bytes.count {
            if starts(with: "*/", at: position) {
                position += 2
                return
            }
            position += 1
        }
        throw ConsoleError.syntax("the comment at position \(start) is not closed")
    }
}
