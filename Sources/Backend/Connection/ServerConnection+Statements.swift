// Prepared statements of a server connection: made where they are executed, closed when they must make room.
internal import Network
internal import Topology
internal import Wire

/// A server's words on a statement that it would not prepare.
package struct StatementRefusal: Sendable, Equatable {
    /// The statement, as the user calls it.
    let id: UInt32
    /// The error number.
    package let code: UInt16
    /// Five characters.
    package let sqlState: String
    /// The message.
    package let message: String

    /// A refusal by its parts.
    package init(id: UInt32, code: UInt16, sqlState: String, message: String) {
        self.id = id
        self.code = code
        self.sqlState = sqlState
        self.message = message
    }
}

extension ServerConnection {
    /// The statement that the user calls `id`, about to be executed with the types of `typesVersion`; nil when it is not
    /// prepared here.
    package func useStatement(_ id: UInt32, typesVersion: UInt32) -> ServerStatement? {
        statements.use(id, typesVersion: typesVersion)
    }

    /// Whether the server was last given the types of `typesVersion` for it.
    package func knowsTypes(_ id: UInt32, typesVersion: UInt32) -> Bool {
        statements.knowsTypes(id, typesVersion: typesVersion)
    }

    /// The server's number of the statement that the user calls `id`.
    package func serverStatementID(_ id: UInt32) -> UInt32? { statements.serverID(of: id) }

    /// Takes the right to prepare one more; false when the node has as many as it may have, and this connection none
    /// that can go. What makes room is closed on the server, with the next bytes sent.
    package func reserveStatement() -> Bool {
        if isFullOfStatements { guard evictStatement() else { return false } }
        if !entry.load.reserveStatement(limit: pool.preparedStatementsPerNode) {
            guard evictStatement(), entry.load.reserveStatement(limit: pool.preparedStatementsPerNode) else {
                return false
            }
        }
        reservedStatements += 1
        return true
    }

    private var isFullOfStatements: Bool {
        statements.count + reservedStatements >= BackendLimits.statementsPerConnection
    }

    /// Why `reserveStatement` said no: this connection has as many as it may have, and each is held. Otherwise the node has.
    package var heldStatementsMaximum: Int? { isFullOfStatements ? BackendLimits.statementsPerConnection : nil }

    /// The most statements that the node may have, for the words of a refusal.
    package var statementLimit: Int { pool.preparedStatementsPerNode }

    /// The user's own COM_STMT_PREPARE succeeded.
    package func statementPrepared(_ id: UInt32, serverID: UInt32) {
        guard reservedStatements > 0 else { return }
        reservedStatements -= 1
        // An execution was given up while it was being prepared, and came again.
        if let other = statements.remove(id) { enqueueClose(other) }
        statements.insert(id, serverID: serverID)
    }

    /// The user's own COM_STMT_PREPARE was refused.
    package func statementRefused() {
        guard reservedStatements > 0 else { return }
        reservedStatements -= 1
        entry.load.releaseStatements(1)
    }

    /// Sends a COM_STMT_PREPARE of the proxy's own, after `reserveStatement`. The user hears `serverSynchronized`.
    ///
    /// - Parameters:
    ///   - context: what the text was read under when the user prepared it.
    ///   - now: the context in force, which is restored behind it.
    package func prepare(_ id: UInt32, _ text: [UInt8], in context: StatementContext, now: StatementContext) {
        statementRefusal = nil
        preparing.append(id)
        let isSame = context.revision == now.revision
        let collation = key.traits.collation
        let enters = isSame ? nil : now.assignments(to: context, loginCollation: collation, on: entry.flavor)
        let leaves = isSame ? nil : context.assignments(to: now, loginCollation: collation, on: entry.flavor)
        // There is no way to no schema; a text that was read without one names its own.
        let changesSchema = context.schema != now.schema && !context.schema.isEmpty && !now.schema.isEmpty
        if let enters { enqueue(.query, enters, .swallowState) }
        if changesSchema { enqueue(.initDB, context.schema, .swallowState) }
        enqueue(.statementPrepare, text, .swallowPrepare)
        if changesSchema { enqueue(.initDB, now.schema, .swallowState) }
        if let leaves { enqueue(.query, leaves, .swallowState) }
        flush()
    }

    /// Whether a COM_STMT_PREPARE of the proxy's own is under way for it: for an execution that was given up meanwhile.
    package func isPreparing(_ id: UInt32) -> Bool { preparing.contains(id) }

    /// Why the statement called `id` was not prepared, once.
    package func takeStatementRefusal(_ id: UInt32) -> StatementRefusal? {
        defer { statementRefusal = nil }
        return statementRefusal.flatMap { $0.id == id ? $0 : nil }
    }

    /// Whether long data or a cursor holds the statement here.
    package func holdStatement(_ id: UInt32, _ isHeld: Bool) { statements.hold(id, isHeld) }

    /// COM_STMT_CLOSE, if it is prepared here.
    package func closeStatement(_ id: UInt32) {
        // What is prepared for an execution that was given up is closed when it is there.
        for index in preparing.indices where preparing[index] == id { preparing[index] = Self.closedStatement }
        guard let serverID = statements.remove(id) else { return }
        enqueueClose(serverID)
        flush()
    }

    /// Stands among `preparing` for a statement that its user closed. No statement has it.
    private static let closedStatement: UInt32 = 0

    func evictStatement() -> Bool {
        guard let serverID = statements.evict() else { return false }
        enqueueClose(serverID)
        return true
    }

    func enqueueClose(_ serverID: UInt32) {
        entry.load.releaseStatements(1)
        var writer = ByteWriter()
        writer.beginPacket(sequence: 0)
        writer.writeUInt8(CommandCode.statementClose.rawValue)
        writer.writeUInt32(serverID)
        writer.endPacket()
        writer.bytes.withUnsafeBytes { stream?.enqueue($0) }
    }

    func prepareAnswered(_ event: ResponseEvent, _ packet: UnsafeRawBufferPointer) {
        guard event == .prepareOK || event == .error, !preparing.isEmpty else { return }
        let id = preparing.removeFirst()
        let payload = UnsafeRawBufferPointer(rebasing: packet[PacketHeader.size...])
        if event == .prepareOK, let head = try? PrepareOK.parse(payload) {
            guard id != Self.closedStatement else {
                reservedStatements -= 1
                enqueueClose(head.statementID)
                return flush()
            }
            return statementPrepared(id, serverID: head.statementID)
        }
        statementRefused()
        let error = try? ErrorPacket.parse(payload)
        statementRefusal = StatementRefusal(
            id: id, code: error?.code ?? ErrorCode.unknownError.rawValue, sqlState: error?.sqlState ?? "HY000",
            message: error?.message ?? "the statement could not be prepared again")
    }

    /// The connection is reset or closed, and its statements with it.
    func forgetStatements() {
        let count = statements.count + reservedStatements + texts.numbers.count
        statements.removeAll()
        texts = NamedTexts()
        reservedStatements = 0
        preparing = []
        statementRefusal = nil
        if count > 0 { entry.load.releaseStatements(count) }
    }
}
