// What a session counts of its statements, and tells of those that took long.
//
// A statement is found in the lane's table when it comes, while its text is there, and counted when it has ended: for one
// that came before, that is an index, a few sums and one counter of a histogram. No allocation, no lock.
internal import Backend
internal import Network
internal import Routing
internal import SQL
internal import Topology
internal import Wire

extension ProxySession {
    // MARK: When it comes

    /// A text that was just classified.
    private func measure(_ text: UnsafeRawBufferPointer) { measure(cluster.classifications.digest, text) }

    /// The same, of a COM_QUERY whose argument may have query attributes in front.
    func measure(_ text: UnsafeRawBufferPointer, in argument: UnsafeRawBufferPointer) {
        measure(text)
        // An empty block has two bytes.
        guard argument.count > text.count + 2 else { return }
        measured.traceParent = (try? QueryAttributes.text(of: TraceParent.nameBytes, argument)).flatMap { $0 }.flatMap(
            TraceParent.value)
    }

    /// The same of an execution, whose attributes come behind its parameters. Where some of those were sent before, nobody
    /// can tell from the packet which values are in it.
    func noteTrace(_ statement: ClientStatement, _ payload: UnsafeRawBufferPointer) {
        guard statement.hold != .longData else { return }
        measured.traceParent = statement.types.withUnsafeBytes { types in
            (try? StatementExecute.attribute(
                TraceParent.nameBytes, payload, parameterCount: statement.parameterCount, remembered: types))
                .flatMap { $0 }.flatMap(TraceParent.value)
        }
    }

    /// A command of which only the beginning is here.
    func measureStreamed(_ beginning: UnsafeRawBufferPointer) {
        switch command.code {
        case .query:
            measure(
                Digest.hash(of: beginning, mode: state.sqlMode, isBeginning: true), beginning, isBeginning: true)
        case .statementExecute, .statementBulkExecute: if let statement = command.statement { measure(statement) }
        default: break
        }
    }

    /// An execution of a prepared statement: its text as it was when it was prepared.
    func measure(_ statement: ClientStatement) {
        statement.text.withUnsafeBytes { measure(statement.digest, $0) }
    }

    /// An execution of a statement prepared by name: its text counts, not the EXECUTE.
    func measure(executed statement: TextStatement) {
        let traceParent = measured.traceParent
        statement.text.withUnsafeBytes {
            measure(Digest.hash(of: $0, mode: statement.mode, maximumSource: SQLLimits.digestedTextBytes), $0)
        }
        measured.traceParent = traceParent
    }

    private func measure(_ digest: UInt64, _ text: UnsafeRawBufferPointer, isBeginning: Bool = false) {
        measured = MeasuredStatement()
        measured.digest = digest
        measured.beganAt = lane.nowNanoseconds
        let key = digestScope.key(
            digest, user: identity.user, schema: state.image.schema, revision: state.image.revision)
        measured.key = key
        if let place = cluster.digests.place(of: key) {
            measured.place = place
        } else {
            measured.place = cluster.digests.takeUp(
                key, digest: digest, DigestNames(user: identity.user, schema: state.image.schema), text,
                mode: state.sqlMode, isBeginning: isBeginning, nowMilliseconds: lane.nowMilliseconds)
        }
    }

    // MARK: While it runs

    func noteMeasuredSent(to server: ServerConnection) {
        guard command.purpose == .client else { return }
        measured.ranAt = server === main && mode != .replica ? .primary : .replica
    }

    func noteMeasuredAnswer(rows: UInt64) {
        guard command.purpose == .client else { return }
        measured.rows &+= rows
        measured.failed = command.endedInError || command.outcomeIsUnknown
    }

    // MARK: When it ends

    /// Nothing more comes of the statement at hand. Called while its connection is still known.
    func measuredStatementEnded() {
        guard measured.key != 0 else { return }
        let nanoseconds = lane.nowNanoseconds &- measured.beganAt
        cluster.digests.add(
            measured.sample(nanoseconds: nanoseconds), key: measured.key, at: measured.place,
            nowMilliseconds: lane.nowMilliseconds)
        if nanoseconds >= cluster.link.slowLog.thresholdNanoseconds { tellSlowStatement(nanoseconds) }
        measured.key = 0
    }

    /// The client is gone: what it waited for ended with it.
    func measuredStatementAbandoned() {
        measured.failed = true
        measuredStatementEnded()
    }

    private func tellSlowStatement(_ nanoseconds: UInt64) {
        guard let suppressed = cluster.slowBudget.admit(nowMilliseconds: lane.nowMilliseconds) else { return }
        // What was answered without being routed left the command before it in its place.
        let wasRouted = command.receivedAt >= measured.beganAt
        let beginning = shownStatement.array
        let slowLog = cluster.link.slowLog
        let isShown = slowLog.showsLiterals && !SecretWords.stand(in: beginning)
        slowLog.statementWasSlow(
            SlowStatement(
                cluster: cluster.link.name, session: client.id, user: identity.user,
                schema: String(decoding: state.image.schema, as: UTF8.self), microseconds: nanoseconds / 1_000,
                rows: measured.rows, affectedRows: measured.affectedRows, bytes: measured.bytes,
                failed: measured.failed, place: measured.ranAt.rawValue,
                node: measured.ranAt == .proxy ? "" : (current ?? last)?.entry.name ?? "",
                access: wasRouted ? "\(command.traits.access)" : "",
                reason: wasRouted ? command.decision.reason.text : "",
                pins: measured.pins == 0 ? [] : SessionPins(rawValue: measured.pins).names, digest: measured.digest,
                digestText: String(decoding: digestText(beginning), as: UTF8.self),
                statement: isShown ? String(decoding: beginning, as: UTF8.self) : nil,
                traceParent: measured.traceParent ?? beginning.withUnsafeBytes(TraceParent.inLeadingComment),
                suppressed: suppressed))
    }

    /// The digest's text: as the table has it, or of the statement's beginning.
    private func digestText(_ beginning: [UInt8]) -> [UInt8] {
        cluster.digests.text(of: measured.key, at: measured.place)
            ?? beginning.withUnsafeBytes { Digest.text(of: $0, mode: state.sqlMode, isBeginning: true) }
    }
}
