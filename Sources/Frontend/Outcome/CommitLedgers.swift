// The ledgers of a cluster's last reigns, over all lanes.
internal import Synchronization
internal import Topology
internal import Wire

/// How far the numbers of one reign are known to have been taken: read for every statement that is sent to its primary.
final class TakenNumbers: Sendable {
    let epoch: UInt64
    private let number = Atomic<UInt64>(0)

    init(epoch: UInt64) { self.epoch = epoch }

    var upTo: UInt64 { number.load(ordering: .relaxed) }
    fileprivate func set(_ value: UInt64) { number.store(value, ordering: .relaxed) }
}

/// Any thread. Changed once a commit, before its client hears of it.
final class CommitLedgers: Sendable {
    private struct Reign {
        var ledger: CommitLedger
        let taken: TakenNumbers
        /// What the last primary that was asked had of it, and which one that was.
        var arrival: Arrival?
        var arrivedAt: NodeID?
    }

    /// The oldest first.
    private let reigns = Mutex<[Reign]>([])

    init() {}

    /// A table with this primary is in force. The first one of a reign is there before anything is sent in it.
    func adopt(_ primary: RoutingEntry, epoch: UInt64) -> TakenNumbers {
        let position = Self.position(of: primary)
        return reigns.withLock { reigns in
            if let index = reigns.lastIndex(where: { $0.ledger.epoch == epoch }) {
                if let position { Self.change(&reigns[index]) { $0.observe(position) } }
                return reigns[index].taken
            }
            let taken = TakenNumbers(epoch: epoch)
            // A lane that is late with its table: what it sends is judged by nobody.
            guard reigns.allSatisfy({ $0.ledger.epoch < epoch }) else { return taken }
            var reign = Reign(
                ledger: CommitLedger(
                    epoch: epoch, node: primary.id, name: primary.name, serverID: primary.serverID, base: position),
                taken: taken)
            Self.change(&reign) { _ in }
            reigns.append(reign)
            if reigns.count > FrontendLimits.ledgerReigns { reigns.removeFirst() }
            return taken
        }
    }

    /// Where the primary told that it is; nil where not all that it numbers, or gets, passes through it alone.
    private static func position(of primary: RoutingEntry) -> Position? {
        guard !primary.appliesFromOthers else { return nil }
        let applied = KnownPositions.position(of: primary)
        guard primary.flavor != .mySQL, !primary.gtidLogged.isEmpty,
            let logged = try? Position.parse(primary.gtidLogged, flavor: .mariaDB)
        else { return applied }
        guard var position = applied else { return logged }
        position.merge(logged)
        return position
    }

    /// A commit in the reign of `epoch` is about to be acknowledged; `behind` as for the ledger.
    func acknowledge(_ position: Position, severalBehind behind: UInt64? = nil, epoch: UInt64) {
        change(epoch) { $0.acknowledge(position, severalBehind: behind) }
    }

    /// A node of which a probe says nothing, not even that its host is there: who else can reach it is not known.
    func becomeUnseen(_ node: NodeID) {
        reigns.withLock { reigns in
            for index in reigns.indices where reigns[index].ledger.node == node {
                Self.change(&reigns[index]) { $0.becomeUnseen() }
            }
        }
    }

    /// Something may have been committed in it whose number is not known.
    func becomeIncomplete(epoch: UInt64) { change(epoch) { $0.becomeIncomplete() } }

    /// A commit in it is in doubt. False when nothing can ever be found out about it.
    func add(_ doubt: CommitLedger.Doubt, epoch: UInt64) -> Bool {
        var hasBase = false
        change(epoch) {
            $0.add(doubt)
            hasBase = $0.hasBase
        }
        return hasBase
    }

    /// The primary of a later reign told what it has.
    func arrived(_ arrival: Arrival, at node: NodeID, of epoch: UInt64) {
        reigns.withLock { reigns in
            guard let index = reigns.lastIndex(where: { $0.ledger.epoch == epoch }) else { return }
            reigns[index].arrival = arrival
            reigns[index].arrivedAt = node
        }
    }

    /// What became of a commit; nil when the primary of the reign `present` was not asked yet.
    func finding(
        on doubt: CommitLedger.Doubt, of epoch: UInt64, in present: UInt64, inFlight: Int
    ) -> CommitLedger.Finding? {
        reigns.withLock { reigns in
            guard let reign = reigns.last(where: { $0.ledger.epoch == epoch }) else {
                return CommitLedger.Finding(verdict: .unknown, evidence: "too many primaries reigned since")
            }
            guard let arrival = reign.arrival, let node = reign.arrivedAt, arrival.epoch == present else { return nil }
            return reign.ledger.verdict(on: doubt, by: arrival, from: node, inFlight: inFlight)
        }
    }

    private func change(_ epoch: UInt64, _ body: (inout CommitLedger) -> Void) {
        reigns.withLock { reigns in
            let index = reigns.lastIndex { $0.ledger.epoch == epoch }
            if let index { Self.change(&reigns[index], body) }
            if let last = reigns.last, last.ledger.epoch > epoch { Self.noteLate(&reigns, epoch, index) }
        }
    }

    /// What was sent in an earlier reign ended now. Where the same node reigns again, it took a number of that reign.
    private static func noteLate(_ reigns: inout [Reign], _ epoch: UInt64, _ index: Int?) {
        let node = index.map { reigns[$0].ledger.node }
        for later in reigns.indices where reigns[later].ledger.epoch > epoch {
            if node == nil || reigns[later].ledger.node == node { change(&reigns[later]) { $0.becomeIncomplete() } }
        }
    }

    private static func change(_ reign: inout Reign, _ body: (inout CommitLedger) -> Void) {
        body(&reign.ledger)
        reign.taken.set(reign.ledger.takenUpTo)
    }
}
