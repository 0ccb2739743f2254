// Bugs made on purpose in what is checked.

import ChaosChecker
import TestSupport

extension LedgerPlant {
    /// Makes the bug in the rows of one acknowledged write; nothing without one.
    func strike(_ rows: inout LedgerRows, _ writes: [LedgerWrite], servers: [Int], _ dice: inout Dice) {
        let kind: LedgerWrite.Kind = self == .halfTransfer ? .transfer : .insert
        let candidates = writes.filter { write in
            write.kind == kind && write.isAcknowledged && !rows.servers(of: write.id).isEmpty
        }
        guard !candidates.isEmpty else { return }
        let id = dice.pick(candidates).id
        let owners = rows.inserts[id] ?? []
        switch self {
        case .lostWrite: rows.inserts[id] = nil
        case .doubledWrite: rows.inserts[id] = owners + owners
        case .halfTransfer: rows.entries[id]?.removeLast()
        case .secondWriter: rows.inserts[id] = Array(servers.filter { !owners.contains($0) }.prefix(1))
        }
    }
}
