// Runs the console's statements, one after the other, on a queue of its own: SQLite blocks, and lanes must not.
internal import Dispatch
internal import Synchronization
internal import Wire

/// A statement on its way to the queue.
final class ConsoleJob: Sendable {
    let text: String
    let session: ConsoleSession
    let capabilities: Capabilities
    let sequence: UInt8
    private let cancelled = Atomic<Bool>(false)

    init(text: String, session: ConsoleSession, capabilities: Capabilities, sequence: UInt8) {
        self.text = text
        self.session = session
        self.capabilities = capabilities
        self.sequence = sequence
    }

    /// Nobody waits for the answer any more. A statement that runs already runs to its end.
    func cancel() { cancelled.store(true, ordering: .relaxed) }
    var isCancelled: Bool { cancelled.load(ordering: .relaxed) }
}

/// The console of the process: its database and its commands. Any thread may submit.
package final class ConsoleExecutor: Sendable {
    /// `@unchecked Sendable` because the database inside is used only by the items of one serial queue.
    private final class Confined: @unchecked Sendable {
        let database: ConsoleDatabase
        init(_ database: ConsoleDatabase) { self.database = database }
    }

    let status = ConsoleServiceStatus()
    private let queue = DispatchQueue(label: "switchyard.console")
    private let confined: Confined
    private let commands: ConsoleProxyCommands
    private let snapshots: ConsoleSnapshots
    private let waiting = Atomic<Int>(0)
    private let held: HeldAnswers
    /// What is shown, for those who show it in another way than in SQL.
    package let tables: [ConsoleTable]

    /// Throws what SQLite says if it cannot open a database.
    package convenience init(source: ConsoleSource) throws(ConsoleError) {
        try self.init(source: source, held: HeldAnswers())
    }

    init(source: ConsoleSource, held: HeldAnswers) throws(ConsoleError) {
        self.held = held
        snapshots = ConsoleSnapshots(source: source)
        commands = ConsoleProxyCommands(snapshots: snapshots)
        tables = ConsoleTables.all(snapshots, status: status)
        confined = Confined(try ConsoleDatabase(tables: tables))
    }

    /// Clients of the console now.
    var clientCount: Int { snapshots.source.consoleClientCount() }

    /// Runs a statement when its turn comes, and hands over the answer on the console's queue; nothing is handed over
    /// for a job that was cancelled before its turn. False when too many wait already.
    func submit(_ job: ConsoleJob, then answer: @escaping @Sendable (ConsoleAnswer) -> Void) -> Bool {
        guard waiting.add(1, ordering: .relaxed).newValue <= ConsoleServiceLimits.waitingStatements else {
            waiting.subtract(1, ordering: .relaxed)
            return false
        }
        queue.async { [self] in
            defer { waiting.subtract(1, ordering: .relaxed) }
            guard !job.isCancelled else { return }
            let outcome = run(job.text, job.session)
            answer(.make(outcome, capabilities: job.capabilities, sequence: job.sequence, holder: held))
        }
        return true
    }

    /// Reads in another way than by a statement, when its turn comes, on the console's queue. Everything read in one turn
    /// is of one moment. False when too many wait already.
    package func read(_ work: @escaping @Sendable (ConsoleReader) -> Void) -> Bool {
        guard waiting.add(1, ordering: .relaxed).newValue <= ConsoleServiceLimits.waitingStatements else {
            waiting.subtract(1, ordering: .relaxed)
            return false
        }
        queue.async { [self] in
            defer { waiting.subtract(1, ordering: .relaxed) }
            snapshots.forget()
            defer { snapshots.forget() }
            work(ConsoleReader(snapshots: snapshots, status: status) { [self] in run($0, $1) })
        }
        return true
    }

    /// Runs a statement and waits for it. Not to be called from a lane.
    package func runAndWait(
        _ text: String, session: ConsoleSession = ConsoleSession()
    ) throws(ConsoleError) -> ConsoleResult {
        try queue.sync { run(text, session) }.get()
    }

    private func run(_ text: String, _ session: ConsoleSession) -> Result<ConsoleResult, ConsoleError> {
        status.statementBegan()
        snapshots.forget()
        // What was read must not be held until somebody asks again.
        defer { snapshots.forget() }
        return Result { () throws(ConsoleError) -> ConsoleResult in
            let statement = ConsoleStatement.parse(text)
            try commands.checkPrivilege(statement, session)
            if let result = try commands.answer(statement, session) { return result }
            return try confined.database.run(text, session: session)
        }
    }
}
