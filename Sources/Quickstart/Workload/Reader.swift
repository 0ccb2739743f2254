// A session that only asks, and compares each answer with what must be true at any moment on any node.

/// The questions of one reading session.
enum Reader {
    /// Asks one question.
    static func step(_ worker: Worker) {
        worker.perform(.read) { (session) throws(SessionError) in
            switch Int.random(in: 0..<10) {
            case 0: try askSum(session, worker.record)
            case 1...2: try askOrders(session, worker.record)
            default: try askAccount(session, worker.record)
            }
        }
    }

    private static func askSum(_ session: ApplicationSession, _ record: WorkloadRecord) throws(SessionError) {
        let rows = try session.run(DemoSchema.accountsQuestion)
        record.check("the sum of all balances", is: DemoSchema.accountsAnswer, rows)
    }

    /// A writer numbers its orders without gaps.
    private static func askOrders(_ session: ApplicationSession, _ record: WorkloadRecord) throws(SessionError) {
        let writer = Int.random(in: 1...QuickstartLimits.writers)
        let rows = try session.run("SELECT COUNT(*) = IFNULL(MAX(number), 0) FROM orders WHERE writer = \(writer)")
        record.check("the orders of writer \(writer) are without gaps", is: [["1"]], rows)
    }

    private static func askAccount(_ session: ApplicationSession, _ record: WorkloadRecord) throws(SessionError) {
        let id = Int.random(in: 1...DemoSchema.accounts)
        let rows = try session.run("SELECT id, balance IS NOT NULL FROM accounts WHERE id = \(id)")
        record.check("account \(id)", is: [["\(id)", "1"]], rows)
    }
}
