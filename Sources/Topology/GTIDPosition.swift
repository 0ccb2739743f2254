// Small comparisons of replication positions kept as text: coverage and progress.

/// Comparisons that topology needs when no better one is injected.
package enum GTIDPosition {
    /// Whether `position` covers `other`. MariaDB: per domain, the sequence number is at least as high. MySQL:
    /// nil, since sets are the business of whoever injects a comparison. An empty `other` is covered by all.
    package static func covers(_ position: String, _ other: String, flavor: ServerFlavor) -> Bool? {
        if other.isEmpty { return true }
        guard flavor == .mariaDB, let mine = domains(position), let theirs = domains(other) else { return nil }
        return theirs.allSatisfy { domain, sequence in (mine[domain] ?? 0) >= sequence }
    }

    /// A number that grows by one with each transaction: the sum of all domains' sequence numbers, or the
    /// number of transactions in a MySQL set. Nil when the text is empty or neither.
    static func progress(_ position: String, flavor: ServerFlavor) -> UInt64? {
        parts(position, flavor: flavor).map { $0.values.reduce(0, &+) }
    }

    /// How much of `reference` is in `position`, in the unit of `progress`: domains or servers that the
    /// reference does not have are ignored, such as those of a second source or of stray local writes.
    static func progress(_ position: String, within reference: String, flavor: ServerFlavor) -> UInt64? {
        guard let mine = parts(position, flavor: flavor), let all = parts(reference, flavor: flavor) else { return nil }
        return all.reduce(0) { sum, part in sum &+ min(mine[part.key] ?? 0, part.value) }
    }

    /// Transactions by domain or by server; nil when empty or malformed.
    private static func parts(_ position: String, flavor: ServerFlavor) -> [Substring: UInt64]? {
        if position.isEmpty { return nil }
        switch flavor {
        case .mariaDB: return domains(position)
        case .mySQL: return transactionCounts(position)
        case .unknown: return nil
        }
    }

    /// `domain-server-sequence,…` as sequence number by domain; nil if malformed.
    private static func domains(_ position: String) -> [Substring: UInt64]? {
        var sequences: [Substring: UInt64] = [:]
        for part in position.split(separator: ",") {
            let fields = part.split(separator: "-", omittingEmptySubsequences: false)
            guard fields.count == 3, UInt32(trimmed(fields[0])) != nil, UInt32(fields[1]) != nil,
                let sequence = UInt64(trimmed(fields[2]))
            else { return nil }
            let domain = trimmed(fields[0])
            sequences[domain] = max(sequences[domain] ?? 0, sequence)
        }
        return sequences
    }

    /// The transactions of `uuid[:tag]:a-b:c,…` by server; nil if malformed.
    private static func transactionCounts(_ set: String) -> [Substring: UInt64]? {
        var counts: [Substring: UInt64] = [:]
        for part in set.split(separator: ",") {
            let fields = part.split(separator: ":")
            guard fields.count >= 2 else { return nil }
            for field in fields.dropFirst() {
                let bounds = field.split(separator: "-")
                // A field that is no interval is a tag (MySQL 8.3 and later).
                guard let first = bounds.first.flatMap({ UInt64(trimmed($0)) }) else { continue }
                let last = bounds.count > 1 ? UInt64(trimmed(bounds[1])) ?? first : first
                if last >= first { counts[trimmed(fields[0]), default: 0] &+= last &- first &+ 1 }
            }
        }
        return counts
    }

    private static func trimmed(_ text: Substring) -> Substring {
        let tail = text.drop { $0 == " " || $0 == "\n" }
        return tail.prefix { $0 != " " && $0 != "\n" }
    }
}
