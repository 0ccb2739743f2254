// What the classifier said, remembered by shape: a text that differs from an earlier one in its literals is not read again.

/// Says of every text what `Classifier` says, faster for those that come again with other literals.
///
/// Remembered is only what cannot depend on a literal: plain reads and writes of data, whose scan looks at words, names and
/// punctuation. Found is only what is equal byte by byte, under the same `SQLMode`; a hash only says where to look.
/// Whatever clients send, a text costs one pass over at most `SQLLimits.shapedTextBytes` and
/// `SQLLimits.shapeWays` comparisons more than without. Confined to one lane.
///
/// The digest depends on no literal, so it is remembered of every shape, also where the traits are not.
package final class ClassificationCache {
    private struct Entry {
        var hash: UInt64 = 0
        /// Bytes of the shape; 0 in an entry that is free.
        var count = 0
        var mode = SQLMode()
        /// Whether the traits are those of every text of the shape.
        var isIndependent = false
        var digest: UInt64 = 0
        var traits = StatementTraits(kind: .empty, access: .read, reason: .emptyStatement)
    }

    /// Sets of `SQLLimits.shapeWays` entries, one behind the other.
    private let entries: UnsafeMutablePointer<Entry>
    /// Each entry's shape, in words, the last one filled up with zeros.
    private let shapes: UnsafeMutablePointer<UInt64>
    /// The shape at hand, in the same form.
    private let shape: UnsafeMutablePointer<UInt64>
    private let uses = StatementShaper.byteUses
    /// Unknown to clients, so that they cannot choose whom they displace.
    private let seed: UInt64
    private var nextWay = 0
    private var remembered = 0
    private var latestDigest: UInt64 = 0
    /// Entries that were used once: their shapes are backed by memory.
    private var usedEntries = 0

    private static let wordsPerShape = SQLLimits.shapedTextBytes / 8
    private static let entryCount = SQLLimits.shapeSets * SQLLimits.shapeWays

    /// An empty cache.
    package init() {
        entries = .allocate(capacity: Self.entryCount)
        entries.initialize(repeating: Entry(), count: Self.entryCount)
        // Touched, and so backed by memory, only as far as entries are used.
        shapes = .allocate(capacity: Self.entryCount * Self.wordsPerShape)
        // One more, for the zeros behind a shape that ends with its last word.
        shape = .allocate(capacity: Self.wordsPerShape + 1)
        seed = UInt64.random(in: .min ... .max)
    }

    deinit {
        entries.deallocate()
        shapes.deallocate()
        shape.deallocate()
    }

    /// Texts that were not read, because one of their shape was.
    package var hits: Int { remembered }

    /// The digest of the text that was classified last, as `Digest.hash` makes it of its first
    /// `SQLLimits.digestedTextBytes`.
    package var digest: UInt64 { latestDigest }

    /// Memory of the entries and of the shapes of those in use.
    package var heldBytes: Int {
        Self.entryCount * MemoryLayout<Entry>.stride + (usedEntries + 1) * SQLLimits.shapedTextBytes
    }

    /// The traits of `text`, one or several statements as a client sent them; `digest` is that of it from then on.
    package func classify(_ text: UnsafeRawBufferPointer, mode: SQLMode) -> StatementTraits {
        // In an ambiguous character set, bytes inside of literals count.
        guard text.count <= SQLLimits.shapedTextBytes, text.count > 0, !mode.ambiguousCharacterSet else {
            return read(text, mode)
        }
        var shaper = shape.withMemoryRebound(to: UInt8.self, capacity: SQLLimits.shapedTextBytes) {
            StatementShaper(into: $0, uses: uses)
        }
        guard shaper.shape(text, ansiQuotes: mode.ansiQuotes) else { return read(text, mode) }
        let count = shaper.count
        let words = fillUp(count)
        let hash = hash(words, mode)
        let first = Int(hash >> 32 & UInt64(SQLLimits.shapeSets - 1)) * SQLLimits.shapeWays
        for index in first..<(first + SQLLimits.shapeWays) where entries[index].hash == hash {
            guard entries[index].count == count, isShape(at: index, words), entries[index].mode == mode else {
                continue
            }
            latestDigest = entries[index].digest
            guard entries[index].isIndependent else { return Classifier.classify(text, mode: mode) }
            remembered &+= 1
            return entries[index].traits
        }
        let traits = read(text, mode)
        nextWay = (nextWay + 1) % SQLLimits.shapeWays
        let index = first + nextWay
        if entries[index].count == 0 { usedEntries += 1 }
        entries[index] = Entry(
            hash: hash, count: count, mode: mode,
            isIndependent: Self.isIndependentOfLiterals(traits, from: shaper.firstLiteral), digest: latestDigest,
            traits: traits)
        (shapes + index * Self.wordsPerShape).update(from: shape, count: words)
        return traits
    }

    /// What nothing is remembered of.
    private func read(_ text: UnsafeRawBufferPointer, _ mode: SQLMode) -> StatementTraits {
        latestDigest = Digest.hash(of: text, mode: mode, maximumSource: SQLLimits.digestedTextBytes)
        return Classifier.classify(text, mode: mode)
    }

    /// Whether every text of the shape has these traits, places included.
    private static func isIndependentOfLiterals(_ traits: StatementTraits, from firstLiteral: Int) -> Bool {
        switch traits.kind {
        case .select, .values, .table, .with, .insert, .replace, .update, .delete: break
        default: return false
        }
        let plain: StatementEffects = [.readsPlaceholders, .lockingRead, .calculatesFoundRows]
        return traits.statementCount == 1 && traits.effects.isSubset(of: plain)
            && Int(traits.decidingOffset) + Int(traits.decidingLength) <= firstLiteral
    }

    /// Fills the last word of the shape up with zeros; gives the number of words.
    private func fillUp(_ count: Int) -> Int {
        UnsafeMutableRawPointer(shape).storeBytes(of: 0, toByteOffset: count, as: UInt64.self)
        return (count &+ 7) >> 3
    }

    /// Of the mode as well, so that sessions in different modes do not displace each other.
    private func hash(_ words: Int, _ mode: SQLMode) -> UInt64 {
        var mixed = seed ^ UInt64(mode.serverVersion) << 3
        if mode.ansiQuotes { mixed ^= 1 }
        if mode.noBackslashEscapes { mixed ^= 2 }
        if mode.ignoreSpace { mixed ^= 4 }
        for index in 0..<words {
            let product = (mixed ^ shape[index]).multipliedFullWidth(by: 0x9E37_79B9_7F4A_7C15)
            mixed = product.high ^ product.low &+ 0x1656_67B1_9E37_79F9
        }
        return mixed
    }

    private func isShape(at index: Int, _ words: Int) -> Bool {
        let known = shapes + index * Self.wordsPerShape
        for word in 0..<words where known[word] != shape[word] { return false }
        return true
    }
}
