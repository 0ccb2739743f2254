// Whether there was one writer at every moment.

/// Checks who executed each write, as its rows tell.
struct WriterRules {
    private let record: LedgerRecord
    private let rows: LedgerRows
    /// Acknowledged writes with the index of the reign that executed them.
    private var placed: [(write: LedgerWrite, reign: Int)] = []
    private(set) var violations: [LedgerViolation] = []

    init(_ record: LedgerRecord, _ rows: LedgerRows) {
        self.record = record
        self.rows = rows
    }

    mutating func check() {
        for write in record.writes { place(write) }
        checkOrder()
    }

    /// The server that executed a write was the primary at some moment of it.
    private mutating func place(_ write: LedgerWrite) {
        var servers = rows.servers(of: write.id)
        if let server = record.loss.servers[write.id], write.isAcknowledged { servers.insert(server) }
        // What was sent and not answered may be executed much later.
        let ended = write.isAcknowledged ? write.ended : .infinity
        for server in servers.sorted() {
            let reign = record.reigns.lastIndex { reign in
                reign.server == server && reign.opened <= ended && write.began <= reign.closed
            }
            guard let reign else {
                let text = "\(write) was executed by server \(server), which was not the primary"
                violations.append(LedgerViolation(.secondWriter, text))
                continue
            }
            if write.isAcknowledged { placed.append((write, reign)) }
        }
    }

    /// Also where two servers were writable at once: after the first write of the later reign, none of an earlier one
    /// begins.
    private mutating func checkOrder() {
        var firstEnds = [Double](repeating: .infinity, count: record.reigns.count + 1)
        for (write, reign) in placed { firstEnds[reign] = min(firstEnds[reign], write.ended) }
        for reign in record.reigns.indices.reversed() {
            firstEnds[reign] = min(firstEnds[reign], firstEnds[reign + 1])
        }
        for (write, reign) in placed where firstEnds[reign + 1] < write.began {
            let text = "\(write) was executed by server \(record.reigns[reign].server) after a write of its successor"
            violations.append(LedgerViolation(.secondWriter, text))
        }
    }
}
