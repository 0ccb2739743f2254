// A token of SQL text: what it is and where it stands.

/// A piece of SQL text, by place; it holds no bytes.
package struct Token: Sendable, Equatable {
    /// What a token is.
    package enum Kind: UInt8, Sendable {
        /// The end of the text.
        case end
        /// A keyword or an identifier without quotes.
        case word
        /// `` `x` ``, and `"x"` under `ANSI_QUOTES`.
        case quotedIdentifier
        /// `'x'`, `"x"`, `N'x'`; an introducer (`_utf8mb4`) is a `word` before it.
        case string
        /// `12`, `1.5`, `.5`, `1e5`.
        case number
        /// `x'ff'`, `0xff`, `b'01'`, `0b01`.
        case binaryLiteral
        /// `@x`, `` @`x` ``, `@'x'`, `@"x"`.
        case userVariable
        /// `@@x`, `@@scope.x`, up to the last part that follows without white space.
        case systemVariable
        case placeholder
        case leftParenthesis, rightParenthesis, comma, dot, semicolon
        /// `:=`.
        case assignment
        /// Any other character; see `symbol`.
        case symbol
        /// The text ends inside a string, a quoted name or a comment. Nothing follows.
        case unterminated
        /// A word holds the byte 0xA0, which is a space in some character sets and part of a letter in others.
        case ambiguous
    }

    /// What the token is.
    package var kind: Kind
    /// The character, of a `.symbol`; otherwise 0.
    package var symbol: UInt8 = 0
    /// Index of a `.word` in the lexicon, 0 if it is not known there.
    var entry: UInt16 = 0
    /// Which known word a `.word` is.
    package var keyword = Keyword.none
    var flags: WordFlags = []
    /// Offset of the first byte.
    package var start: Int
    /// Offset after the last byte.
    package var end: Int

    static let nothing = Token(kind: .end, start: 0, end: 0)

    /// A word or a quoted identifier: what may name a table, a column or a function.
    @inline(__always)
    var isName: Bool { kind == .word || kind == .quotedIdentifier }

    @inline(__always)
    func isSymbol(_ character: Unicode.Scalar) -> Bool {
        kind == .symbol && UInt32(symbol) == character.value
    }
}

extension WordFlags: Equatable {}

/// What a byte may begin.
enum ByteClass: UInt8 {
    /// Not the beginning of anything: a one-character token.
    case symbol
    case space
    case letter
    /// 0xA0; see `Token.Kind.ambiguous`.
    case ambiguous
    case digit

    static func of(_ byte: UInt8) -> ByteClass {
        switch byte {
        case 0x09...0x0D, 0x20: .space
        case 0x30...0x39: .digit
        case 0x41...0x5A, 0x61...0x7A, 0x5F, 0x24: .letter
        case 0xA0: .ambiguous
        case 0x80...: .letter
        default: .symbol
        }
    }

    /// Whether the byte of this class may stand inside an unquoted identifier.
    @inline(__always)
    static func continuesWord(_ rawClass: UInt8) -> Bool { rawClass >= ByteClass.letter.rawValue }
}
