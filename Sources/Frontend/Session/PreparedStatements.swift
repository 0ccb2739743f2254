// The statements that a session prepared with COM_STMT_PREPARE, by the proxy's own ids.
internal import Backend
internal import SQL
internal import Topology
internal import Wire

/// One statement as the client knows it. On which connections it is prepared, those know.
final class ClientStatement {
    /// What binds a statement to the connection that has it.
    enum Hold {
        /// COM_STMT_SEND_LONG_DATA came, and the execution did not yet.
        case longData
        /// A cursor is open.
        case cursor
        /// Its text was too long to be kept: it cannot be prepared anywhere else.
        case unkeptText
    }

    /// What the client calls it.
    let id: UInt32
    /// Its text; empty when that was too long to be kept.
    let text: [UInt8]
    /// What it does when it is executed.
    let traits: StatementTraits
    /// What it was read under.
    let context: StatementContext
    /// The digest of its text, or of the beginning of one that was too long to be kept.
    let digest: UInt64
    /// What a comment in its text asks for, at each execution.
    var hints: StatementHints?
    /// As the server told.
    fileprivate(set) var parameterCount = 0
    /// The parameters' types as the client gave them last, and their version; 0 before it gave any.
    fileprivate(set) var types: [UInt8] = []
    private(set) var typesVersion: UInt32 = 0
    fileprivate(set) var hold: Hold?
    /// Where it is held; nil when nothing holds it.
    fileprivate(set) weak var holder: ServerConnection?
    /// What was lost with a connection, or refused without an answer: said at the next execution.
    var pendingError: ProxyError?

    init(id: UInt32, text: [UInt8], traits: StatementTraits, context: StatementContext, digest: UInt64 = 0) {
        self.id = id
        self.text = text
        self.traits = traits
        self.context = context
        self.digest = digest
    }

    /// The client named the types. Servers remember them, so whoever executes it next has to know them.
    func typesGiven(_ given: UnsafeRawBufferPointer) {
        guard typesVersion == 0 || !(types.count == given.count && types.elementsEqual(given)) else { return }
        types = Array(given)
        typesVersion += 1
    }
}

/// A session's statements, bounded in number and in bytes of text.
struct PreparedStatements {
    private var statements: [UInt32: ClientStatement] = [:]
    /// Those that are bound to a connection: nearly always none or one.
    private var held: [ClientStatement] = []
    private var previousID: UInt32 = 0
    private(set) var textBytes = 0
    /// The one that id -1 means: the last prepared, none after a failure.
    private var latest: ClientStatement?
    /// The one named last: most commands name the same again.
    private var recent: ClientStatement?

    var count: Int { statements.count }

    /// Whether a statement with a text of this length may still be prepared.
    func hasRoom(for length: Int) -> Bool {
        statements.count < FrontendLimits.preparedStatements
            && textBytes + length <= FrontendLimits.preparedStatementBytes
    }

    /// A number that no statement of the session has. Servers count from 1 too.
    mutating func nextID() -> UInt32 {
        repeat {
            previousID &+= 1
        } while previousID == 0 || previousID == StatementExecute.lastStatementID
            || statements[previousID] != nil
        return previousID
    }

    subscript(id: UInt32) -> ClientStatement? {
        id == StatementExecute.lastStatementID ? latest : statements[id]
    }

    /// The same, for a command.
    mutating func statement(_ id: UInt32) -> ClientStatement? {
        if let recent, recent.id == id { return recent }
        let found = self[id]
        if id != StatementExecute.lastStatementID { recent = found }
        return found
    }

    /// A server accepted it.
    mutating func prepared(_ statement: ClientStatement, parameterCount: Int) {
        statement.parameterCount = parameterCount
        recent = nil
        if statements.updateValue(statement, forKey: statement.id) == nil { textBytes += statement.text.count }
        latest = statement
    }

    /// A COM_STMT_PREPARE failed.
    mutating func prepareFailed() { latest = nil }

    mutating func closed(_ statement: ClientStatement) {
        unbind(statement)
        held.removeAll { $0 === statement }
        if latest === statement { latest = nil }
        if recent === statement { recent = nil }
        if statements.removeValue(forKey: statement.id) != nil { textBytes -= statement.text.count }
    }

    mutating func removeAll() {
        for statement in held { unbind(statement) }
        self = PreparedStatements()
    }

    // MARK: What is bound to a connection

    mutating func hold(_ statement: ClientStatement, _ hold: ClientStatement.Hold, on server: ServerConnection) {
        guard statement.hold != .unkeptText else { return }
        if statement.hold == nil { held.append(statement) }
        statement.hold = hold
        statement.holder = server
        server.holdStatement(statement.id, true)
    }

    /// Its long data was used, or its cursor is closed.
    mutating func release(_ statement: ClientStatement) {
        guard let hold = statement.hold, hold != .unkeptText else { return }
        unbind(statement)
        held.removeAll { $0 === statement }
    }

    private func unbind(_ statement: ClientStatement) {
        statement.holder?.holdStatement(statement.id, false)
        statement.hold = nil
        statement.holder = nil
    }

    /// Whether a cursor is open anywhere.
    var hasCursor: Bool { held.contains { $0.hold == .cursor } }
    /// Whether a text that was not kept stands anywhere.
    var hasUnkeptText: Bool { held.contains { $0.hold == .unkeptText } }

    /// Whether something is bound to this connection.
    func holds(_ server: ServerConnection) -> Bool { !held.isEmpty && held.contains { $0.holder === server } }

    /// The session has this connection no more.
    mutating func connectionGone(_ server: ServerConnection) {
        guard holds(server) else { return }
        for statement in held where statement.holder === server {
            if let hold = statement.hold { statement.pendingError = .heldStatementLost(hold, node: server.entry.name) }
            unbind(statement)
        }
        held.removeAll { $0.hold == nil }
    }
}

extension ProxyError {
    /// 1461: more statements than a session may have.
    static let tooManyStatements = ProxyError(
        code: 1461, sqlState: "42000",
        message: "Can't create more than max_prepared_stmt_count statements (current value: "
            + "\(FrontendLimits.preparedStatements), and \(FrontendLimits.preparedStatementBytes) bytes of text, in a "
            + "session of Switchyard)")

    /// 1461: more statements than one connection may have, and none that can go.
    static func tooManyStatements(held limit: Int) -> ProxyError {
        ProxyError(
            code: 1461, sqlState: "42000",
            message:
                "Can't create more than max_prepared_stmt_count statements (current value: \(limit), of one session of "
                + "Switchyard, with cursors, long data or texts of more than a mebibyte)")
    }

    /// 1461: more statements than Switchyard may prepare on a node.
    static func tooManyStatements(on node: String, _ limit: Int) -> ProxyError {
        ProxyError(
            code: 1461, sqlState: "42000",
            message:
                "Can't create more than max_prepared_stmt_count statements (current value: \(limit), of Switchyard "
                + "on \(node): limits.prepared_statements_per_node)")
    }

    /// 1421: FETCH, and nothing to fetch from.
    static func noOpenCursor(_ id: UInt32) -> ProxyError {
        ProxyError(code: 1421, sqlState: "HY000", message: "The statement (\(id)) has no open cursor.")
    }

    /// 9506: what was bound to a connection went with it.
    static func heldStatementLost(_ hold: ClientStatement.Hold, node: String) -> ProxyError {
        switch hold {
        case .longData:
            ProxyError(
                code: 9506, sqlState: "08S01",
                message: "the long data of this statement went with the connection to \(node): send it again")
        case .cursor:
            ProxyError(
                code: 9506, sqlState: "08S01",
                message: "the cursor went with the connection to \(node): execute the statement again")
        case .unkeptText:
            ProxyError(
                code: 9506, sqlState: "08S01",
                message: "the statement went with the connection to \(node), and its text was too long to be kept: "
                    + "prepare it again")
        }
    }
}
