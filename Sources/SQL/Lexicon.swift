// The table of known words: one hash and one compare per word, built once, never freed.

/// What is known of a word, by spelling alone.
struct WordFlags: OptionSet, Sendable {
    let rawValue: UInt16
    /// Reserved or a type name: `word (` is syntax, not a call.
    static let reserved = Self(rawValue: 1 << 0)
    static let reservedInMySQL = Self(rawValue: 1 << 1)
    /// A built-in function, if the server's version has it.
    static let function = Self(rawValue: 1 << 2)
    /// A built-in function with an effect or a place; see `Keyword`.
    static let specialFunction = Self(rawValue: 1 << 3)
    static let adjacentOnly = Self(rawValue: 1 << 4)
    static let adjacentOnlyMariaDB = Self(rawValue: 1 << 5)
    static let writing = Self(rawValue: 1 << 6)
    static let instanceTable = Self(rawValue: 1 << 7)
    /// The scan of a statement's body must look at it.
    static let watched = Self(rawValue: 1 << 8)
    /// A built-in of MariaDB with certain arguments only.
    static let byArguments = Self(rawValue: 1 << 10)
    /// Written in capitals by the digest.
    static let capitals = Self(rawValue: 1 << 9)
}

/// A known word: its folded bytes in four machine words and what is known of it.
struct LexiconEntry {
    var spelling: FoldedWord
    var keyword = Keyword.none
    var flags: WordFlags = []
    var variable = VariableClass.ordinary
    /// Lowest versions at which the built-in function exists.
    var mariaDB = FunctionGroup.never
    var mySQL = FunctionGroup.never
}

/// Up to 32 bytes of an identifier, letters folded to lower case.
///
/// Folding sets bit 5 of every byte. Among the bytes that may stand in an identifier (letters, digits, `_`, `$`,
/// 0x80…0xFF) no two different ones meet except letter cases and bytes above 0x7F, and no known word has the latter.
struct FoldedWord: Equatable {
    var first: UInt64 = 0
    var second: UInt64 = 0
    var third: UInt64 = 0
    var fourth: UInt64 = 0

    static let lengthMaximum = 32

    /// No word at all; nothing in a text folds to it.
    init() {}

    @inline(__always)
    var hash: UInt64 {
        var mixed = first &* 0x9E37_79B9_7F4A_7C15
        mixed ^= (second &* 0xC2B2_AE3D_27D4_EB4F) ^ ((third ^ (fourth &<< 7)) &* 0x1656_67B1_9E37_79F9)
        return mixed ^ (mixed &>> 29)
    }

    /// The word at `range` of `text`; nil if it is longer than any known word.
    @inline(__always)
    init?(_ text: UnsafeRawBufferPointer, _ start: Int, _ end: Int) {
        let length = end - start
        guard length <= Self.lengthMaximum, length > 0 else { return nil }
        first = Self.load(text, start, min(8, length))
        guard length > 8 else { return }
        second = Self.load(text, start + 8, min(8, length - 8))
        guard length > 16 else { return }
        third = Self.load(text, start + 16, min(8, length - 16))
        guard length > 24 else { return }
        fourth = Self.load(text, start + 24, length - 24)
    }

    @inline(__always)
    private static func load(_ text: UnsafeRawBufferPointer, _ offset: Int, _ length: Int) -> UInt64 {
        let fold: UInt64 = 0x2020_2020_2020_2020
        if offset + 8 <= text.count {
            let eight = UInt64(littleEndian: text.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
            return (eight | fold) & (UInt64.max &>> UInt64(64 - 8 * length))
        }
        var assembled: UInt64 = 0
        for index in 0..<length {
            assembled |= UInt64(text[offset + index] | 0x20) &<< UInt64(8 * index)
        }
        return assembled
    }
}

/// Read-only after construction, so any thread may use it; copied freely, the tables are shared.
struct Lexicon: @unchecked Sendable {
    /// Slots hold an index into `entries`, 0 for empty; at most a third of them is used.
    private let slots: UnsafeMutablePointer<UInt16>
    private let entries: UnsafeMutablePointer<LexiconEntry>
    /// Class of every byte, see `ByteClass`.
    let byteClasses: UnsafeMutablePointer<UInt8>

    private static let slotCount = 4096
    private static let slotMask = UInt64(slotCount - 1)

    static let shared = Lexicon()

    /// Index of the word's entry, 0 if it is not known.
    @inline(__always)
    func find(_ text: UnsafeRawBufferPointer, _ start: Int, _ end: Int) -> UInt16 {
        guard let word = FoldedWord(text, start, end) else { return 0 }
        return find(word)
    }

    @inline(__always)
    private func find(_ word: FoldedWord) -> UInt16 {
        var slot = Int(word.hash & Self.slotMask)
        while true {
            let index = slots[slot]
            if index == 0 || entries[Int(index)].spelling == word { return index }
            slot = (slot + 1) & (Self.slotCount - 1)
        }
    }

    /// The entry at an index that `find` gave; entry 0 is that of every unknown word.
    @inline(__always)
    subscript(index: UInt16) -> LexiconEntry {
        entries[Int(index)]
    }

    private init() {
        var builder = LexiconBuilder()
        builder.addEverything()
        slots = .allocate(capacity: Self.slotCount)
        slots.initialize(repeating: 0, count: Self.slotCount)
        entries = .allocate(capacity: builder.entries.count)
        entries.initialize(from: builder.entries, count: builder.entries.count)
        precondition(builder.entries.count * 3 < Self.slotCount, "the lexicon needs more slots")
        for index in 1..<builder.entries.count {
            var slot = Int(builder.entries[index].spelling.hash & Self.slotMask)
            while slots[slot] != 0 { slot = (slot + 1) & (Self.slotCount - 1) }
            slots[slot] = UInt16(index)
        }
        byteClasses = .allocate(capacity: 256)
        for byte in 0..<256 { byteClasses[byte] = ByteClass.of(UInt8(byte)).rawValue }
    }
}
