// What one primary was seen to commit in its reign, and what follows for commits whose answers were lost. A pure machine.
//
// A commit gets its number after it was sent. So it is none of those that were known then, none that others were told of,
// and none of what the primary had at first. What a new primary has beyond all that may be the commit, or somebody
// else's; if it has nothing beyond, the commit is not there. When in doubt, the verdict is that nobody knows.
internal import Topology
internal import Wire

struct CommitLedger: Sendable {
    /// A commit that was sent and not answered.
    struct Doubt: Sendable, Equatable {
        /// Every number up to this one was taken when it was sent.
        let behind: UInt64
        /// Whether it takes one number at most.
        let takesOneNumber: Bool
    }

    /// What became of it, in a word and in a sentence.
    struct Finding: Sendable, Equatable {
        enum Verdict: Sendable {
            case committed, notCommitted, unknown
            /// Others are still to hear what became of theirs.
            case notYet
        }

        let verdict: Verdict
        let evidence: String
    }

    let epoch: UInt64
    let node: NodeID
    private let name: String
    private let serverID: UInt32
    /// What the primary had when its reign began; nil when it did not tell.
    private var base: TransactionNumbers?
    /// Of that, what it had of `source`.
    private var first = NumberSet()
    /// What the primary numbers within; nil until it is known.
    private var source: NumberSource?
    /// Of that, the base and what was acknowledged; once that is not kept, the base.
    private var acknowledged = NumberSet()
    /// Of that, what is known to have been taken.
    private var taken = NumberSet()
    /// Whether each acknowledged number is kept.
    private var isKept = true
    /// Whether all that was acknowledged to this process has a number here, and all in doubt is in `doubts`.
    private var isComplete = true
    private var acknowledgements = 0
    /// The first number of them.
    private var firstAcknowledged: UInt64?
    /// All numbers up to this one had been taken when so many were acknowledged that another writer would have shown.
    private var provenAt: UInt64?
    /// Between these, commands took numbers that nobody told: of several commits MariaDB tells the last.
    private var untold = NumberSet()
    private var doubts: [Doubt] = []

    init(epoch: UInt64, node: NodeID, name: String, serverID: UInt32, base: Position?) {
        self.epoch = epoch
        self.node = node
        self.name = name
        self.serverID = serverID
        self.base = base.map { $0.numbers }
        // One domain, or none that is known by its name: MySQL's first number tells whose it is.
        if case .mariaDB? = base, let only = self.base?.keys.first, self.base?.count == 1 { begin(only) }
    }

    private mutating func begin(_ source: NumberSource) {
        self.source = source
        first = base?[source] ?? NumberSet()
        acknowledged = first
        taken = first
    }

    /// Whether anything can be said about its commits.
    var hasBase: Bool { base != nil }

    // MARK: What happens

    /// Every number up to this one was taken.
    var takenUpTo: UInt64 { taken.prefixEnd }

    /// A commit is about to be acknowledged.
    ///
    /// - Parameter behind: up to where numbers had been taken when a command was sent that may have taken others, too; nil
    ///   for a command that takes one at most.
    mutating func acknowledge(_ position: Position, severalBehind behind: UInt64? = nil) {
        guard base != nil, let commit = position.onlyTransaction else {
            isComplete = false
            return
        }
        if source == nil { begin(commit.source) }
        guard commit.source == source else {
            isComplete = false
            return
        }
        // The numbers began anew, or a session chose its own: they prove nothing in this reign.
        if let last = first.last, commit.number <= last, first.contains(commit.number) {
            base = nil
            return
        }
        if let behind, commit.number > behind, commit.number - behind > 1 {
            noteUntold((behind + 1)...(commit.number - 1))
        }
        acknowledgements += 1
        if firstAcknowledged == nil { firstAcknowledged = commit.number }
        take(commit.number)
        guard isKept else { return }
        acknowledged.insert(commit.number...commit.number)
        if acknowledgements == FrontendLimits.ledgerProof { provenAt = acknowledged.last }
        guard acknowledged.ranges.count > FrontendLimits.ledgerRanges else { return }
        // Very many holes: others write, too.
        isKept = false
        isComplete = false
        acknowledged = base?[commit.source] ?? NumberSet()
    }

    private mutating func noteUntold(_ range: ClosedRange<UInt64>) {
        untold.insert(range)
        guard untold.ranges.count > FrontendLimits.ledgerRanges else { return }
        untold = NumberSet()
        isComplete = false
    }

    /// From here the primary cannot be seen, and others may see it: whoever writes there next shows only later.
    mutating func becomeUnseen() {
        acknowledgements = 0
        provenAt = nil
    }

    private mutating func take(_ number: UInt64) {
        if case .domain? = source { taken.insert(0...number) } else { taken.insert(number...number) }
        if taken.ranges.count > FrontendLimits.ledgerRanges { taken.keepPrefix() }
    }

    /// The primary itself told where it is.
    mutating func observe(_ position: Position) {
        guard let source, let numbers = position.numbers[source] else { return }
        for range in numbers.ranges { taken.insert(range) }
        if taken.ranges.count > FrontendLimits.ledgerRanges { taken.keepPrefix() }
    }

    /// Something was committed, or may have been, whose number is not known.
    mutating func becomeIncomplete() { isComplete = false }

    /// A commit that was sent is not answered.
    mutating func add(_ doubt: Doubt) {
        guard doubts.count < FrontendLimits.ledgerDoubts else { return becomeIncomplete() }
        doubts.append(doubt)
    }

    // MARK: The verdict

    /// What became of a commit, by what arrived at the next primary.
    ///
    /// - Parameter inFlight: statements on this primary that were neither answered nor given up.
    func verdict(on doubt: Doubt, by arrival: Arrival, from other: NodeID, inFlight: Int) -> Finding {
        if let reason = gap(in: arrival, from: other) { return Finding(verdict: .unknown, evidence: reason) }
        var strangers = false
        var extras = NumberSet()
        for (source, numbers) in arrival.foreign {
            if source == self.source {
                extras = numbers.subtracting(acknowledged)
            } else if !numbers.subtracting(base?[source] ?? NumberSet()).isEmpty {
                strangers = true
            }
        }
        if strangers { return unknown("\(arrival.node) has transactions of other sources than \(name)'s") }
        guard let last = extras.last else {
            return Finding(
                verdict: .notCommitted,
                evidence: "all that \(arrival.node) has of \(name)\(upTo(arrival)) was acknowledged to others")
        }
        guard last > doubt.behind else {
            return Finding(
                verdict: .notCommitted,
                evidence: "\(arrival.node) has nothing of \(name) beyond \(last); the statement was sent when "
                    + "\(doubt.behind) had been taken")
        }
        return attribute(extras, last, arrival, inFlight)
    }

    /// Why what arrived proves nothing.
    private func gap(in arrival: Arrival, from other: NodeID) -> String? {
        guard let base else { return "\(name) did not tell its position at the beginning of its reign" }
        // MySQL keeps what it had executed when `gtid_mode` is turned off, and what it commits then has no number.
        guard firstAcknowledged != nil else {
            return "nothing was acknowledged in the reign of \(name), so it is not known whether it numbers its commits"
        }
        // What is still on its way there may be done yet.
        if other == node { return "\(name) is the primary again" }
        if arrival.serverID == serverID || serverID == 0 {
            return "\(arrival.node) has the server_id of \(name)"
        }
        if let gap = arrival.gap { return "\(arrival.node) does not tell all that it has: \(gap)" }
        // Its binary log was reset, or it never had what it should.
        let isWhole = base.allSatisfy { source, numbers in
            numbers.subtracting(arrival.history[source] ?? NumberSet()).isEmpty
        }
        return isWhole
            ? nil : "\(arrival.node) does not have, or not know any more, what came before the reign of \(name)"
    }

    /// There are numbers that nobody was told of: they are those in doubt if these are as many, and nobody else writes.
    private func attribute(_ extras: NumberSet, _ last: UInt64, _ arrival: Arrival, _ inFlight: Int) -> Finding {
        // Those that were sent later than the last number was taken are not among them.
        let candidates = doubts.filter { $0.behind < last }
        var extras = extras
        // Whoever made it the primary may have written there at first, and does not any more.
        if let first = firstAcknowledged { extras = extras.subtracting(NumberSet([0...first])) }
        let count = extras.count
        let words =
            "\(arrival.node) has \(count) transactions of \(name) that nobody was told of, \(candidates.count) "
            + "are in doubt"
        if let others = others(in: extras, arrival) { return unknown(words + others) }
        guard isComplete, isKept, let provenAt, candidates.allSatisfy({ $0.behind >= provenAt }) else {
            return unknown(words + ", and \(name) may have had other writers")
        }
        guard inFlight == 0 else { return Finding(verdict: .notYet, evidence: words + ", and others may come") }
        guard count == UInt64(candidates.count), candidates.allSatisfy(\.takesOneNumber) else { return unknown(words) }
        // Each number is above what had been taken when its commit was sent.
        let behind = candidates.map(\.behind).sorted()
        guard zip(extras.first(candidates.count), behind).allSatisfy({ $0 > $1 }) else {
            return unknown(words + ", but some were taken before those were sent")
        }
        return Finding(verdict: .committed, evidence: words + ", and nobody else wrote")
    }

    /// Whose the numbers may be other than those in doubt, whoever else writes to this primary.
    private func others(in extras: NumberSet, _ arrival: Arrival) -> String? {
        guard arrival.epoch == epoch + 1 else { return ", and others were the primary in between" }
        if arrival.hasOthers(than: serverID, in: source, beyond: first.last ?? 0) {
            return ", and another server wrote them, or some"
        }
        return extras.subtracting(untold) == extras
            ? nil : ", but they may be parts of what was acknowledged as a whole"
    }

    private func unknown(_ evidence: String) -> Finding { Finding(verdict: .unknown, evidence: evidence) }

    private func upTo(_ arrival: Arrival) -> String {
        guard let source, let last = arrival.foreign[source]?.last else { return "" }
        return ", up to \(last),"
    }
}
