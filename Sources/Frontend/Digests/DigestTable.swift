// The statements that are sent most, of one cluster on one lane: a table of fixed size, found by hash. Loop-confined.
//
// Space-Saving (Metwally, Agrawal, El Abbadi 2005): a digest that finds no room takes the place of the one that came least,
// and inherits its rank. So whatever comes, a digest that makes up more than one part in `FrontendLimits.digests` of all
// statements is in the table. What those that left had counted is kept as one sum, so that the sums over the table are those
// over all statements.
internal import Glibc
internal import SQL

/// One digest of one account and schema.
struct DigestEntry: Sendable {
    /// Digest, account and schema in one hash; 0 for none.
    var key: UInt64 = 0
    var digest: UInt64 = 0
    /// How often it may have come before it was taken up, at most.
    var missed: UInt64 = 0
    /// Lane milliseconds of the first and of the last statement.
    var firstMilliseconds: UInt64 = 0
    var lastMilliseconds: UInt64 = 0
    var counts = DigestCounts()
    /// Bytes of its names and its text, which stand one behind the other.
    var userBytes: UInt16 = 0
    var schemaBytes: UInt16 = 0
    var textBytes: UInt16 = 0
    /// The next entry of the same chain, counted from 1; 0 for the end.
    var next: UInt16 = 0
}

/// Names that a new entry gets.
struct DigestNames {
    let user: String
    let schema: [UInt8]
}

/// The table. Its memory is taken as it fills up, and never more than `FrontendLimits.digests` entries.
final class DigestTable {
    private static let chains = 2 * FrontendLimits.digests
    /// Behind the last entry: the sum of those that left.
    private static let rest = FrontendLimits.digests
    private static let entryCount = FrontendLimits.digests + 1

    private let entries: UnsafeMutablePointer<DigestEntry>
    private let histograms: UnsafeMutablePointer<UInt32>
    private let texts: UnsafeMutablePointer<UInt8>
    /// The first entry of each chain, counted from 1; 0 for an empty one.
    private let heads: UnsafeMutablePointer<UInt16>
    /// How often each entry came, what it inherited included.
    private let ranks: UnsafeMutablePointer<UInt64>
    private var used = 0

    init() {
        // Pages of zeros, which are backed by memory when they are written to.
        entries = Self.zeros(Self.entryCount)
        histograms = Self.zeros(Self.entryCount * LatencyBuckets.count)
        texts = Self.zeros(FrontendLimits.digests * FrontendLimits.digestTextBytes)
        heads = Self.zeros(Self.chains)
        ranks = Self.zeros(FrontendLimits.digests)
    }

    deinit {
        free(entries)
        free(histograms)
        free(texts)
        free(heads)
        free(ranks)
    }

    /// All of these types are plain numbers, of which all zeros is a value.
    private static func zeros<Element>(_ count: Int) -> UnsafeMutablePointer<Element> {
        guard let memory = calloc(count, MemoryLayout<Element>.stride) else { fatalError("out of memory") }
        return memory.bindMemory(to: Element.self, capacity: count)
    }

    /// Memory of the entries in use.
    var heldBytes: Int {
        Self.chains * MemoryLayout<UInt16>.stride
            + (used + 1)
            * (MemoryLayout<DigestEntry>.stride + MemoryLayout<UInt64>.stride + FrontendLimits.digestTextBytes
                + LatencyBuckets.count * MemoryLayout<UInt32>.stride)
    }

    // MARK: The data path

    /// The place of a digest that came now; nil when it has none.
    func place(of key: UInt64) -> Int? {
        var number = heads[Self.chain(of: key)]
        while number != 0 {
            let place = Int(number) &- 1
            if entries[place].key == key {
                ranks[place] &+= 1
                return place
            }
            number = entries[place].next
        }
        return nil
    }

    /// Counts a statement whose digest was found or taken up when it came. It may have lost its place since.
    func add(_ sample: DigestSample, key: UInt64, at place: Int, nowMilliseconds: UInt64) {
        let place = entries[place].key == key ? place : Self.rest
        entries[place].counts.add(sample)
        entries[place].lastMilliseconds = nowMilliseconds
        LatencyBuckets.add(sample.microseconds, to: histogram(place))
    }

    // MARK: New digests

    /// Gives a digest that has none a place, and keeps its text.
    ///
    /// - Parameter isBeginning: whether `text` is only the beginning of the statement.
    func takeUp(
        _ key: UInt64, digest: UInt64, _ names: DigestNames, _ text: UnsafeRawBufferPointer, mode: SQLMode,
        isBeginning: Bool, nowMilliseconds: UInt64
    ) -> Int {
        var entry = DigestEntry()
        let place: Int
        if used < FrontendLimits.digests {
            place = used
            used += 1
            ranks[place] = 0
        } else {
            place = leastPlace()
            entry.missed = ranks[place]
            remove(place)
        }
        ranks[place] &+= 1
        entry.key = key
        entry.digest = digest
        entry.firstMilliseconds = nowMilliseconds
        entry.lastMilliseconds = nowMilliseconds
        histogram(place).update(repeating: 0, count: LatencyBuckets.count)
        write(names, text, mode, isBeginning, to: &entry, at: place)
        let chain = Self.chain(of: key)
        entry.next = heads[chain]
        heads[chain] = UInt16(place + 1)
        entries[place] = entry
        return place
    }

    private func leastPlace() -> Int {
        var least = 0
        for place in 1..<FrontendLimits.digests where ranks[place] < ranks[least] { least = place }
        return least
    }

    /// Takes an entry out of its chain; what it counted goes to the rest.
    private func remove(_ place: Int) {
        let number = UInt16(place + 1)
        let chain = Self.chain(of: entries[place].key)
        if heads[chain] == number {
            heads[chain] = entries[place].next
        } else {
            var before = Int(heads[chain]) - 1
            while before >= 0, entries[before].next != number { before = Int(entries[before].next) - 1 }
            if before >= 0 { entries[before].next = entries[place].next }
        }
        entries[Self.rest].counts.add(entries[place].counts)
        let (from, to) = (histogram(place), histogram(Self.rest))
        for bucket in 0..<LatencyBuckets.count { to[bucket] = to[bucket].addingCapped(from[bucket]) }
    }

    private func write(
        _ names: DigestNames, _ text: UnsafeRawBufferPointer, _ mode: SQLMode, _ isBeginning: Bool,
        to entry: inout DigestEntry, at place: Int
    ) {
        let start = texts + place * FrontendLimits.digestTextBytes
        var count = 0
        for byte in names.user.utf8.prefix(FrontendLimits.digestNameBytes) {
            start[count] = byte
            count += 1
        }
        entry.userBytes = UInt16(count)
        for byte in names.schema.prefix(FrontendLimits.digestNameBytes) {
            start[count] = byte
            count += 1
        }
        entry.schemaBytes = UInt16(count) - entry.userBytes
        let digest = Digest.text(
            of: text, mode: mode, maximumLength: FrontendLimits.digestTextBytes - count, isBeginning: isBeginning)
        for byte in digest {
            start[count] = byte
            count += 1
        }
        entry.textBytes = UInt16(digest.count)
    }

    // MARK: The console

    /// The text of a digest; nil when it lost its place.
    func text(of key: UInt64, at place: Int) -> [UInt8]? {
        let entry = entries[place]
        guard entry.key == key else { return nil }
        let start = texts + place * FrontendLimits.digestTextBytes + Int(entry.userBytes) + Int(entry.schemaBytes)
        return Array(UnsafeBufferPointer(start: start, count: Int(entry.textBytes)))
    }

    /// A copy of what is in use, as bytes: the lane has other things to do.
    func copy() -> DigestCopy {
        func array<Element>(_ start: UnsafeMutablePointer<Element>, _ count: Int) -> [Element] {
            Array(UnsafeBufferPointer(start: start, count: count))
        }
        return DigestCopy(
            entries: array(entries, used) + [entries[Self.rest]],
            histograms: array(histograms, used * LatencyBuckets.count)
                + array(histogram(Self.rest), LatencyBuckets.count),
            texts: array(texts, used * FrontendLimits.digestTextBytes))
    }

    /// Forgets everything. Statements that run are counted with the rest.
    func reset() {
        for place in 0..<used { entries[place].key = 0 }
        used = 0
        heads.update(repeating: 0, count: Self.chains)
        entries[Self.rest] = DigestEntry()
        histogram(Self.rest).update(repeating: 0, count: LatencyBuckets.count)
    }

    private func histogram(_ place: Int) -> UnsafeMutablePointer<UInt32> { histograms + place * LatencyBuckets.count }

    private static func chain(of key: UInt64) -> Int { Int(key & UInt64(chains - 1)) }
}

/// Entries, their histograms and their texts, as they stand in the table.
struct DigestCopy: Sendable {
    let entries: [DigestEntry]
    let histograms: [UInt32]
    let texts: [UInt8]
}

extension UInt32 {
    /// The sum, or the greatest number there is.
    func addingCapped(_ other: UInt32) -> UInt32 {
        let (sum, overflows) = addingReportingOverflow(other)
        return overflows ? .max : sum
    }
}
