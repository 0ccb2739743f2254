// One round after the other: calm, the disturbance, calm again, and the check while clients rest.

import ChaosChecker
import Glibc
import LocalCluster
import TestSupport

/// Plays rounds and keeps their journal.
struct Rounds {
    private let nemesis: Nemesis
    private let ledger: Ledger
    private let clients: [LedgerClient]
    private(set) var journal = Journal()
    private var dice: Dice

    init(_ nemesis: Nemesis) {
        let ledger = nemesis.ledger
        self.nemesis = nemesis
        self.ledger = ledger
        clients = (0..<ledger.options.clients).map { LedgerClient(ledger, number: $0) }
        dice = Dice(seed: ledger.options.seed ^ 0xbad)
    }

    private var options: ChaosOptions { ledger.options }

    /// Throws when clients do not come to their end.
    mutating func playOne() throws {
        journal.beginRound(ledger.nextID)
        let violations = journal.violations.count
        let stop = Signal()
        let threads = clients.map { client in Background { client.play(until: stop) } }
        let disturbance = disturb()
        let ended = monotonicSeconds()
        stop.raise()
        for thread in threads { try thread.value(seconds: ChaosLimits.endSeconds) }
        var notes = ClientNotes()
        for client in clients { notes.add(client.takeNotes()) }
        journal.add(notes)
        guard let disturbance else { return recover() }
        var figures = RoundFigures(text: disturbance.text)
        figures.pause = Figures.longestGap(notes.acknowledgements, until: ended)
        figures.longest = notes.longest
        figures.acknowledged = notes.acknowledgements.count
        figures.unknown = notes.unknown
        figures.errors = notes.errorCount
        figures.inFlight = disturbance.inFlight
        do {
            try judge(disturbance, notes, &figures)
        } catch {
            journal.fail("round \(journal.rounds.count + 1), after \(disturbance.text): \(error)")
        }
        figures.violations = journal.violations.count - violations
        journal.add(figures)
    }

    /// Calm, the nemesis, and calm again once writes flow. nil when the nemesis failed.
    private mutating func disturb() -> Disturbance? {
        nemesis.rest(ChaosLimits.calmSeconds)
        do {
            let disturbance = try nemesis.disturb(options.nemesis, from: journal.windowStart)
            let before = ledger.acknowledged
            let deadline = monotonicSeconds() + ChaosLimits.resumptionSeconds
            while ledger.acknowledged == before && monotonicSeconds() < deadline { usleep(5_000) }
            if ledger.acknowledged == before {
                let text = "no write was acknowledged within \(Int(ChaosLimits.resumptionSeconds)) s after "
                journal.add([LedgerViolation(.hang, text + disturbance.text)])
            }
            nemesis.rest(ChaosLimits.calmSeconds)
            return disturbance
        } catch {
            journal.fail("round \(journal.rounds.count + 1): \(error)")
            return nil
        }
    }

    /// After a disturbance that the harness could not do to its end, the next round begins with a whole cluster.
    private mutating func recover() {
        for node in nemesis.cluster.nodes where node.index != nemesis.cluster.primaryIndex {
            do {
                try nemesis.cluster.rejoin(node.index)
            } catch {
                journal.fail("\(node.name) does not come back: \(error)")
            }
        }
    }

    private mutating func judge(
        _ disturbance: Disturbance, _ notes: ClientNotes, _ figures: inout RoundFigures
    ) throws {
        let first = journal.windowStart
        let loss = try nemesis.settle(disturbance, from: first)
        journal.add(loss)
        let primary = nemesis.cluster.primaryNode
        var rows = try nemesis.servers.rows(of: primary, from: first)
        journal.add(try nemesis.judgeReplicas(rows, from: first))
        // What was done again on the new primary before it was acknowledged is not lost.
        figures.lost = notes.writes.count {
            $0.isAcknowledged && loss.servers[$0.id] != nil && rows.servers(of: $0.id).isEmpty
        }
        measure(disturbance, notes, rows, &figures)
        if let plant = options.plant {
            let servers = nemesis.cluster.nodes.map { Int($0.serverID) }
            plant.strike(&rows, notes.writes, servers: servers, &dice)
        }
        let record = journal.record(nemesis.reigns, isLast: false, mayLose: !options.semiSync)
        journal.add(LedgerChecker.violations(record, rows))
    }

    /// The first write that the new primary executed and acknowledged.
    private func measure(
        _ disturbance: Disturbance, _ notes: ClientNotes, _ rows: LedgerRows, _ figures: inout RoundFigures
    ) {
        guard let (server, times) = disturbance.opened else { return }
        figures.untilOpening = times.opened - disturbance.began
        let ends = notes.writes.lazy
            .filter { $0.isAcknowledged && $0.ended >= times.opened && rows.servers(of: $0.id).contains(server) }
            .map(\.ended)
        guard let earliest = ends.min() else { return }
        figures.afterOpening = earliest - times.opened
        figures.afterFollowing = max(0, earliest - times.followed)
    }

    /// Looks at everything once more, and lets the clients go.
    mutating func finish() {
        for client in clients { client.close() }
        do {
            let rows = try nemesis.servers.rows(of: nemesis.cluster.primaryNode, from: 1)
            let record = journal.record(nemesis.reigns, isLast: true, mayLose: !options.semiSync)
            journal.add(LedgerChecker.violations(record, rows))
        } catch {
            journal.fail("the last check: \(error)")
        }
    }
}
