// Whether each write is there as often as its client was told.

import ConsistencyChecker

/// Checks every write by itself.
struct PresenceRules {
    private let record: LedgerRecord
    private let rows: LedgerRows
    private(set) var violations: [LedgerViolation] = []

    init(_ record: LedgerRecord, _ rows: LedgerRows) {
        self.record = record
        self.rows = rows
    }

    mutating func check() {
        for write in record.writes {
            switch write.kind {
            case .insert: checkInsert(write)
            case .transfer: checkTransfer(write)
            }
        }
        let known = Set(record.writes.map(\.id))
        for id in (Array(rows.inserts.keys) + Array(rows.entries.keys)).sorted() where !known.contains(id) {
            violations.append(LedgerViolation(.strangeWrite, "nobody wrote \(id)"))
        }
    }

    private mutating func checkInsert(_ write: LedgerWrite) {
        let count = rows.inserts[write.id]?.count ?? 0
        if count > 1 { violations.append(LedgerViolation(.doubledWrite, "\(write) is there \(count) times")) }
        checkPresence(of: write, count > 0)
    }

    private mutating func checkTransfer(_ write: LedgerWrite) {
        let entries = rows.entries[write.id] ?? []
        if entries.count > 2 {
            violations.append(LedgerViolation(.doubledWrite, "\(write) has \(entries.count) entries"))
        } else if !entries.isEmpty && !Self.isWhole(entries) {
            violations.append(LedgerViolation(.halfTransfer, "\(write) has the entries \(entries)"))
        }
        checkPresence(of: write, !entries.isEmpty)
    }

    private static func isWhole(_ entries: [LedgerEntry]) -> Bool {
        entries.count == 2 && entries[0].account != entries[1].account && entries[0].amount != 0
            && entries[0].amount + entries[1].amount == 0
    }

    private mutating func checkPresence(of write: LedgerWrite, _ isThere: Bool) {
        switch write.outcome {
        case .acknowledged where !isThere: checkLoss(of: write)
        case .refused where isThere: violations.append(LedgerViolation(.refusedWrite, "\(write) is there"))
        case .acknowledged, .refused, .unknown: break
        }
    }

    /// An acknowledged write is not there: only replication may have lost it, before its server's reign ended.
    private mutating func checkLoss(of write: LedgerWrite) {
        guard let server = record.loss.servers[write.id] else {
            return violations.append(LedgerViolation(.lostWrite, "\(write) is not there"))
        }
        guard record.mayLose else {
            let text = "\(write): server \(server) had it, and semi-synchronous replication lost it"
            return violations.append(LedgerViolation(.lostWrite, text))
        }
        let isInTime = record.reigns.contains { reign in
            reign.server == server && reign.opened <= write.ended && write.ended <= reign.closed
        }
        if !isInTime {
            let text = "\(write): lost with server \(server), whose reign was over when this was acknowledged"
            violations.append(LedgerViolation(.lateAcknowledgement, text))
        }
    }
}
