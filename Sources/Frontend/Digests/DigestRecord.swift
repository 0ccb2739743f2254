// A digest as the console shows it, put together from all lanes.
internal import Network

/// What is known of the statements of one digest, account and schema.
package struct DigestRecord: Sendable, Equatable {
    /// The cluster's name.
    package let cluster: String
    /// The client's account; empty for the rest.
    package let user: String
    /// The default schema; empty for none.
    package let schema: String
    /// The hash of the text; nil for the sum of those digests that found no room, or lost it.
    package let digest: UInt64?
    /// The text without its literals, perhaps cut.
    package let text: String
    /// Sums.
    package private(set) var counts: DigestCounts
    /// How often it may have come in addition, before it was taken up: at most.
    package private(set) var missed: UInt64
    /// Wall-clock milliseconds of the first and of the last statement.
    package private(set) var firstUnixMilliseconds: Int64
    package private(set) var lastUnixMilliseconds: Int64
    /// Statements by time, in the buckets of `LatencyBuckets`.
    package private(set) var latencies: [UInt32]

    /// A record by its parts.
    package init(
        cluster: String, user: String, schema: String, digest: UInt64?, text: String, counts: DigestCounts,
        missed: UInt64 = 0, firstUnixMilliseconds: Int64, lastUnixMilliseconds: Int64, latencies: [UInt32]
    ) {
        self.cluster = cluster
        self.user = user
        self.schema = schema
        self.digest = digest
        self.text = text
        self.counts = counts
        self.missed = missed
        self.firstUnixMilliseconds = firstUnixMilliseconds
        self.lastUnixMilliseconds = lastUnixMilliseconds
        self.latencies = latencies
    }

    /// The time within which a share of the statements ended, in microseconds, to an eighth; nil when there was none.
    package func quantile(_ share: Double) -> UInt64? {
        LatencyBuckets.quantile(share, of: latencies, longest: counts.longestMicroseconds)
    }

    /// A digest as people and logs name it: 16 hexadecimal digits.
    package static func name(of digest: UInt64) -> String {
        let digits = String(digest, radix: 16)
        return String(repeating: "0", count: 16 - digits.utf8.count) + digits
    }

    private struct Key: Hashable {
        let cluster: String
        let user: String
        let schema: String
        let digest: UInt64?
    }

    /// The same digests of several lanes as one, those that took most time first.
    package static func merged(_ records: [DigestRecord]) -> [DigestRecord] {
        var places: [Key: Int] = [:]
        var merged: [DigestRecord] = []
        for record in records {
            let key = Key(cluster: record.cluster, user: record.user, schema: record.schema, digest: record.digest)
            if let place = places[key] {
                merged[place].add(record)
            } else {
                places[key] = merged.count
                merged.append(record)
            }
        }
        return merged.sorted { $0.counts.microseconds > $1.counts.microseconds }
    }

    private mutating func add(_ other: DigestRecord) {
        counts.add(other.counts)
        missed &+= other.missed
        firstUnixMilliseconds = min(firstUnixMilliseconds, other.firstUnixMilliseconds)
        lastUnixMilliseconds = max(lastUnixMilliseconds, other.lastUnixMilliseconds)
        for bucket in latencies.indices where bucket < other.latencies.count {
            latencies[bucket] = latencies[bucket].addingCapped(other.latencies[bucket])
        }
    }
}

/// The digests of one cluster on one lane, copied on it and read elsewhere.
package struct LaneDigests: Sendable {
    let cluster: String
    let copy: DigestCopy
    /// The same moment on both clocks.
    let laneMilliseconds: UInt64
    let unixMilliseconds: Int64

    /// The records, one for each digest, and one for the rest where there is any.
    package var records: [DigestRecord] {
        copy.entries.indices.compactMap { place in
            let entry = copy.entries[place]
            let isRest = place == copy.entries.count - 1
            // What runs for the first time has been counted nowhere yet.
            guard entry.counts.statements > 0 else { return nil }
            let start = place * FrontendLimits.digestTextBytes
            let buckets = place * LatencyBuckets.count
            let schemaStart = start + Int(entry.userBytes)
            let textStart = schemaStart + Int(entry.schemaBytes)
            func text(_ range: Range<Int>) -> String {
                isRest ? "" : String(decoding: copy.texts[range], as: UTF8.self)
            }
            return DigestRecord(
                cluster: cluster, user: text(start..<schemaStart), schema: text(schemaStart..<textStart),
                digest: isRest ? nil : entry.digest, text: text(textStart..<(textStart + Int(entry.textBytes))),
                counts: entry.counts, missed: entry.missed,
                firstUnixMilliseconds: wallClock(isRest ? entry.lastMilliseconds : entry.firstMilliseconds),
                lastUnixMilliseconds: wallClock(entry.lastMilliseconds),
                latencies: Array(copy.histograms[buckets..<(buckets + LatencyBuckets.count)]))
        }
    }

    private func wallClock(_ milliseconds: UInt64) -> Int64 {
        unixMilliseconds - Int64(clamping: laneMilliseconds - min(laneMilliseconds, milliseconds))
    }
}

extension LaneCluster {
    /// A copy of the lane's digests. On the lane.
    package func copyDigests() -> LaneDigests {
        LaneDigests(
            cluster: link.name, copy: digests.copy(), laneMilliseconds: lane.nowMilliseconds,
            unixMilliseconds: nowUnixMilliseconds)
    }

    /// Forgets them. On the lane.
    package func resetDigests() { digests.reset() }
}
