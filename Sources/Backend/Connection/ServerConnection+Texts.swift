// Statements prepared by name (`PREPARE p FROM '…'`) on a server connection: made where they are executed.
internal import Topology
internal import Wire

/// The names that a connection has, and what is being prepared under one.
struct NamedTexts: Sendable {
    /// What is under way: the steps owed, and what a server said against one of them.
    struct Preparation: Sendable {
        let name: [UInt8]
        let number: UInt32
        var stepsLeft = 0
        var refusal: StatementRefusal?
    }

    /// The number that the user gave the text; 0 for one that is not known.
    var numbers: [[UInt8]: UInt32] = [:]
    var preparation: Preparation?
    var refusal: StatementRefusal?
}

extension ServerConnection {
    /// Whether the text that the user calls `number` is prepared here under this name.
    package func hasText(_ name: [UInt8], _ number: UInt32) -> Bool { texts.numbers[name] == number }

    /// Whether anything is prepared here by name, or is about to be.
    package var hasTexts: Bool { !texts.numbers.isEmpty || texts.preparation != nil }

    /// Whether a text is being prepared: for an execution that waits, or one that was given up.
    package var isPreparingText: Bool { texts.preparation != nil }

    /// Takes the right to prepare one more by this name; false when the node has as many as it may have.
    package func reserveText(_ name: [UInt8]) -> Bool {
        if texts.numbers[name] == nil && !entry.load.reserveStatement(limit: pool.preparedStatementsPerNode) {
            guard evictStatement(), entry.load.reserveStatement(limit: pool.preparedStatementsPerNode) else {
                return false
            }
        }
        texts.numbers[name] = 0
        return true
    }

    /// The user's own PREPARE succeeded.
    package func textPrepared(_ name: [UInt8], _ number: UInt32) { texts.numbers[name] = number }

    /// The name stands for nothing any more: it was deallocated, or a PREPARE under it failed.
    package func textRemoved(_ name: [UInt8]) {
        if texts.numbers.removeValue(forKey: name) != nil { entry.load.releaseStatements(1) }
    }

    /// Takes a name away, in front of what comes next, that stands for something here and for nothing in the session.
    package func deallocateText(_ name: [UInt8]) {
        guard texts.numbers[name] != nil else { return }
        enqueue(.query, Array("DEALLOCATE PREPARE `".utf8) + name + Array("`".utf8), .swallowAttempt)
        textRemoved(name)
    }

    /// Sends a PREPARE of the proxy's own, after `reserveText`. The user hears `serverSynchronized`.
    ///
    /// - Parameters:
    ///   - definition: the whole PREPARE statement.
    ///   - context: what it was read under when the user prepared it.
    ///   - now: the context in force, which is restored behind it.
    package func prepareText(
        _ name: [UInt8], _ number: UInt32, _ definition: [UInt8], in context: StatementContext,
        now: StatementContext
    ) {
        let isSame = context.revision == now.revision
        let collation = key.traits.collation
        let enters = isSame ? nil : now.assignments(to: context, loginCollation: collation, on: entry.flavor)
        let leaves = isSame ? nil : context.assignments(to: now, loginCollation: collation, on: entry.flavor)
        let changesSchema = context.schema != now.schema
        texts.refusal = nil
        var preparation = NamedTexts.Preparation(name: name, number: number)
        preparation.stepsLeft = 1 + (enters == nil ? 0 : 1) + (changesSchema ? 1 : 0)
        texts.preparation = preparation
        if let enters { enqueue(.query, enters, .swallowText) }
        if changesSchema { enqueue(.initDB, context.schema, .swallowText) }
        enqueue(.query, definition, .swallowText)
        if changesSchema { enqueue(.initDB, now.schema, .swallowState) }
        if let leaves { enqueue(.query, leaves, .swallowState) }
        flush()
    }

    /// Why the text called `number` was not prepared, once.
    package func takeTextRefusal(_ number: UInt32) -> StatementRefusal? {
        defer { texts.refusal = nil }
        return texts.refusal.flatMap { $0.id == number ? $0 : nil }
    }

    /// A step of a preparation was refused: what now stands under the name is not what was meant.
    func textStepRefused(_ packet: UnsafeRawBufferPointer) {
        guard let preparation = texts.preparation, preparation.refusal == nil else { return }
        let error = try? ErrorPacket.parse(UnsafeRawBufferPointer(rebasing: packet[PacketHeader.size...]))
        texts.preparation?.refusal = StatementRefusal(
            id: preparation.number, code: error?.code ?? ErrorCode.unknownError.rawValue,
            sqlState: error?.sqlState ?? "HY000",
            message: error?.message ?? "the statement could not be prepared again")
    }

    func textStepCompleted() {
        guard var preparation = texts.preparation else { return }
        preparation.stepsLeft -= 1
        texts.preparation = preparation.stepsLeft == 0 ? nil : preparation
        guard preparation.stepsLeft == 0 else { return }
        texts.refusal = preparation.refusal
        if preparation.refusal == nil { texts.numbers[preparation.name] = preparation.number }
    }
}
