// A session that writes, and after each write reads what it wrote, wherever the proxy sends the question.
internal import Glibc

/// The orders of one writing session. Confined to its worker's queue.
///
/// Each writer has accounts of its own: row locks that writers wait for would keep `FLUSH TABLES WITH READ LOCK`, the
/// first step of a promotion, waiting as well.
final class Writer {
    /// Between two units of work: an application that writes thinks as well, and reads are what replicas are for.
    private static let pauseMicroseconds: useconds_t = 2_000

    private let number: Int
    private var order = 0
    private var counter = 0

    init(number: Int) { self.number = number }

    /// One unit of work.
    func step(_ worker: Worker) {
        switch Int.random(in: 0..<4) {
        case 0: placeOrder(worker)
        case 1...2: count(worker)
        default: pay(worker)
        }
        usleep(Self.pauseMicroseconds)
    }

    /// One INSERT. When an attempt ended without an answer, the primary key tells the next one that it had succeeded.
    private func placeOrder(_ worker: Worker) {
        let next = order + 1
        let isPlaced = worker.perform(.write) { (session) throws(SessionError) in
            do throws(SessionError) {
                try session.run("INSERT INTO orders VALUES (\(number), \(next), \(next % 100))")
            } catch  where error.isDuplicate {}
        }
        if isPlaced { acknowledged(next, worker) }
    }

    /// One UPDATE that may be repeated at will.
    private func count(_ worker: Worker) {
        let next = counter + 1
        let isCounted = worker.perform(.write) { (session) throws(SessionError) in
            try session.run("UPDATE counters SET value = \(next) WHERE writer = \(number)")
        }
        guard isCounted else { return }
        counter = next
        worker.perform(.ownRead) { (session) throws(SessionError) in
            let rows = try session.run("SELECT value FROM counters WHERE writer = \(self.number)")
            worker.record.check("writer \(self.number) reads its own counter", is: [["\(next)"]], rows)
        }
    }

    /// A transaction: an order, and the money from one account to another.
    private func pay(_ worker: Worker) {
        let next = order + 1
        let first = (number - 1) * DemoSchema.accountsPerWriter + 1
        let payer = Int.random(in: first..<(first + DemoSchema.accountsPerWriter - 1))
        let isPaid = worker.perform(.write, inTransaction: true) { (session) throws(SessionError) in
            try session.run("START TRANSACTION")
            do throws(SessionError) {
                try session.run("INSERT INTO orders VALUES (\(number), \(next), 1)")
            } catch  where error.isDuplicate {
                // The attempt before this one was committed after all.
                try session.run("ROLLBACK")
                return
            }
            let rows = try session.run("SELECT number FROM orders WHERE writer = \(number) AND number = \(next)")
            worker.record.check("a transaction reads its own order", is: [["\(next)"]], rows)
            try session.run("UPDATE accounts SET balance = balance - 1 WHERE id = \(payer)")
            try session.run("UPDATE accounts SET balance = balance + 1 WHERE id = \(payer + 1)")
            try session.run("COMMIT")
        }
        if isPaid { acknowledged(next, worker) }
    }

    private func acknowledged(_ next: Int, _ worker: Worker) {
        order = next
        worker.record.orderAcknowledged()
        worker.perform(.ownRead) { (session) throws(SessionError) in
            let rows = try session.run(
                "SELECT number FROM orders WHERE writer = \(self.number) AND number = \(next)")
            worker.record.check("writer \(self.number) reads its own order", is: [["\(next)"]], rows)
        }
    }
}
