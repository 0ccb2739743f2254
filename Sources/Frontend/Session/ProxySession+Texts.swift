// Statements prepared by name: `PREPARE p FROM '…'`, `EXECUTE p`, `DEALLOCATE PREPARE p`.
//
// A name is carried by its text. An execution is routed like that, and where it runs the PREPARE is sent first if it has to
// be. What cannot be carried stays on the main connection, which then belongs to the session.
internal import Backend
internal import Network
internal import Routing
internal import SQL
internal import Topology
internal import Wire

extension ProxySession {
    // MARK: Before it is routed

    /// Takes up a statement that has to do with names. False when it has not, and runs like any other.
    func runNamed(
        _ text: UnsafeRawBufferPointer, _ traits: StatementTraits, _ packet: UnsafeRawBufferPointer
    ) -> Bool {
        let named: StatementEffects = [.preparesText, .executesText, .deallocatesText]
        guard !traits.effects.isDisjoint(with: named) else {
            guard !texts.isUncertain, mayUseNames(traits) else { return false }
            beginNamed(.anything, traits, packet)
            return true
        }
        let statement = traits.statementCount == 1 ? NamedStatement.read(text, mode: state.sqlMode) : .other
        guard !texts.isUncertain else { return refusesToPrepare(statement) }
        switch statement {
        case .prepare(let name, let content): prepareNamed(name, content, text, traits, packet)
        case .prepareFromVariable(let name, let variable):
            if let content = self.content(ofVariable: variable) {
                prepareNamed(name, content, text, traits, packet, isWritten: false)
                return true
            }
            guard texts.hasRoom else { return beginAnything(traits, packet) }
            texts.removed(name)
            beginNamed(.prepares(textStatement(name, .unknown, traits)), traits, packet)
        case .execute(let name, let hasParameters):
            guard let statement = texts[name] else { return missed(name, packet) }
            executeNamed(statement, hasParameters, traits, packet)
        case .deallocate(let name):
            guard let statement = texts[name] else { return missed(name, packet) }
            beginNamed(.deallocates(statement), .naming, packet)
        case .executeImmediate(let immediate): return runImmediate(immediate, text, traits, packet)
        case .other: return beginAnything(traits, packet)
        }
        return true
    }

    /// Whether it may run text that uses names, or makes them, out of sight.
    func mayUseNames(_ traits: StatementTraits) -> Bool {
        guard !texts.isEmpty else { return false }
        switch traits.kind {
        case .call, .beginNotAtomic, .executeImmediate, .unknown: return true
        default:
            // One of several statements may be such a one.
            let hiding: StatementEffects = [.callsUnknownFunction, .setsUntracked, .executesText, .unterminated]
            return traits.effects.contains(.multiStatement)
                && (traits.hasUnknownStatement || !traits.effects.isDisjoint(with: hiding))
        }
    }

    func beginAnything(_ traits: StatementTraits, _ packet: UnsafeRawBufferPointer) -> Bool {
        beginNamed(.anything, traits, packet)
        return true
    }

    /// An unknown name: the server says so.
    private func missed(_ name: [UInt8], _ packet: UnsafeRawBufferPointer) -> Bool {
        beginNamed(.misses(name: name), .naming, packet)
        return true
    }

    private func beginNamed(_ action: TextUse.Action, _ traits: StatementTraits, _ packet: UnsafeRawBufferPointer) {
        var next = RunningCommand(
            code: .query, replyKind: .query, traits: traits, decision: Router.decide(traits, routingContext),
            replySequence: packet[3] &+ 1)
        next.textUse = TextUse(action)
        begin(next, packet)
    }

    private func textStatement(
        _ name: [UInt8], _ kind: TextStatement.Kind, _ traits: StatementTraits, definition: [UInt8] = [],
        text: [UInt8] = []
    ) -> TextStatement {
        TextStatement(
            name: name, number: texts.nextNumber(), kind: kind, definition: definition, text: text, traits: traits,
            context: StatementContext(state.image), mode: state.sqlMode)
    }

    /// - Parameter isWritten: whether the content is written in the statement. If not, it is what the session knows of a
    ///   variable, and is written there: then it is for certain what was judged.
    private func prepareNamed(
        _ name: [UInt8], _ content: [UInt8], _ text: UnsafeRawBufferPointer, _ traits: StatementTraits,
        _ packet: UnsafeRawBufferPointer, isWritten: Bool = true
    ) {
        let executed = content.withUnsafeBytes { Classifier.classify($0, mode: state.sqlMode) }
        if let refusal = refusalToPrepare(executed) {
            texts.removed(name)
            return refuse(refusal)
        }
        guard texts.hasRoom else { return beginNamed(.anything, traits, packet) }
        // A PREPARE takes the name from the text before, also when it fails (both servers).
        texts.removed(name)
        let changed = contentWithOwnID(content, executed) ?? (isWritten ? nil : content)
        let definition = changed.map { NamedStatement.preparing(name, $0, mode: state.sqlMode) } ?? Array(text)
        let statement = textStatement(
            name, kindOfText(executed, definition.count + content.count), executed, definition: definition,
            text: changed ?? content)
        // What is carried leaves nothing on the connection.
        var own = statement.kind == .carried ? .naming : traits
        own.mentionsTables = executed.mentionsTables
        guard changed != nil else { return beginNamed(.prepares(statement), own, packet) }
        guard let rewritten = self.packet(packet, ending: text.count, with: definition) else {
            return beginNamed(.anything, traits, packet)
        }
        rewritten.withUnsafeBytes { beginNamed(.prepares(statement), own, $0) }
    }

    private func kindOfText(_ executed: StatementTraits, _ bytes: Int) -> TextStatement.Kind {
        // A text that was read without a schema runs without one wherever the session went meanwhile, and there is no
        // way back to none on another connection.
        guard !state.image.schema.isEmpty, executed.kind != .unknown,
            executed.effects.isDisjoint(with: [.readsFoundRows, .readsRowCount, .readsWarnings])
        else { return .held }
        return texts.hasRoom(for: bytes) ? .carried : .held
    }

    /// The text with the client's own connection id in it; nil when nothing changes.
    func contentWithOwnID(_ content: [UInt8], _ executed: StatementTraits) -> [UInt8]? {
        guard executed.effects.contains(.readsConnectionID), !executed.effects.contains(.checksUserLock) else {
            return nil
        }
        return content.withUnsafeBytes { ConnectionIDRewriting.rewrite($0, id: client.id, mode: state.sqlMode) }
    }

    private func executeNamed(
        _ statement: TextStatement, _ hasParameters: Bool, _ own: StatementTraits, _ packet: UnsafeRawBufferPointer
    ) {
        guard statement.kind != .unknown else { return beginNamed(.executes(statement), own, packet) }
        let traits = statement.traits.withParameters(hasParameters ? own : nil)
        if let refusal = refusal(of: traits) { return refuse(refusal) }
        if traits.effects.contains(.showsProcesslist),
            statement.text.withUnsafeBytes({ answerHere($0, traits, packet) })
        {
            return
        }
        var decision = Router.decide(traits, routingContext)
        if statement.kind == .held && decision.target != .transaction {
            decision = RoutingDecision(target: .main, reason: .pinned, isRepeatable: false)
        }
        beginExecution(.executes(statement), of: statement, traits, decision, packet)
    }

    /// Takes up a command that is routed by the text it executes.
    func beginExecution(
        _ action: TextUse.Action, of statement: TextStatement, _ traits: StatementTraits, _ decision: RoutingDecision,
        _ packet: UnsafeRawBufferPointer
    ) {
        var next = RunningCommand(
            code: .query, replyKind: .query, traits: traits, decision: decision, replySequence: packet[3] &+ 1)
        next.textUse = TextUse(action)
        measure(executed: statement)
        if traits.effects.contains(.setsUntracked) {
            next.setsTracking = statement.text.withUnsafeBytes { OwnTracking(settingText: $0) }
        }
        begin(next, packet)
    }

    // MARK: Before it is sent

    /// Whether the connection has what the command at hand needs by name. If not, it is prepared there first, and the
    /// command waits.
    func areTextsReady(_ use: TextUse, on server: ServerConnection, _ packets: UnsafeRawBufferPointer) -> Bool {
        guard !server.isPreparingText else { return waitForText(packets) }
        switch use.action {
        case .prepares(let statement):
            if server.reserveText(statement.name) { return true }
            refuseText(on: server)
            return false
        case .misses(let name):
            server.deallocateText(name)
            return true
        case .executes(let statement):
            guard isTextReady(statement, use, on: server, packets) else { return false }
            let usesOthers = statement.kind == .unknown || mayUseNames(statement.traits)
            return usesOthers ? areAllReady(use, on: server, packets) : true
        case .deallocates(let statement): return isTextReady(statement, use, on: server, packets)
        case .runs(let statement): return mayUseNames(statement.traits) ? areAllReady(use, on: server, packets) : true
        case .anything: return areAllReady(use, on: server, packets)
        }
    }

    private func waitForText(_ packets: UnsafeRawBufferPointer) -> Bool {
        retain(packets)
        phase = .waiting
        return false
    }

    private func refuseText(on server: ServerConnection) {
        current = nil
        refuse(.tooManyStatements(on: server.entry.name, server.statementLimit))
    }

    private func areAllReady(_ use: TextUse, on server: ServerConnection, _ packets: UnsafeRawBufferPointer) -> Bool {
        for statement in texts.carried {
            guard !use.missing.contains(statement.number), !server.hasText(statement.name, statement.number) else {
                continue
            }
            if server.takeTextRefusal(statement.number) != nil || hasNoWayBack(statement) {
                // It does without, as it would find nothing usable with one server either.
                use.missing.append(statement.number)
                continue
            }
            return isTextReady(statement, use, on: server, packets)
        }
        return true
    }

    /// The schema that the text was read in is not the session's any more because that was dropped.
    private func hasNoWayBack(_ statement: TextStatement) -> Bool {
        state.image.schema.isEmpty && !statement.context.schema.isEmpty
    }

    private func isTextReady(
        _ statement: TextStatement, _ use: TextUse, on server: ServerConnection, _ packets: UnsafeRawBufferPointer
    ) -> Bool {
        guard !server.hasText(statement.name, statement.number) else { return true }
        if statement.kind != .carried {
            current = nil
            refuse(.textElsewhere(statement.name))
            return false
        }
        if let refusal = server.takeTextRefusal(statement.number) ?? refusalWithoutSchema(statement) {
            textRefused(refusal, use, on: server)
            return false
        }
        guard server.reserveText(statement.name) else {
            refuseText(on: server)
            return false
        }
        server.prepareText(
            statement.name, statement.number, statement.definition, in: statement.context,
            now: StatementContext(state.image))
        return waitForText(packets)
    }

    private func refusalWithoutSchema(_ statement: TextStatement) -> StatementRefusal? {
        guard hasNoWayBack(statement) else { return nil }
        return StatementRefusal(
            id: statement.number, code: 1049, sqlState: "42000",
            message: "Unknown database '\(String(decoding: statement.context.schema, as: UTF8.self))'")
    }

    /// A server would not prepare it. A replica may not have everything yet that the text names.
    private func textRefused(_ refusal: StatementRefusal, _ use: TextUse, on server: ServerConnection) {
        current = nil
        if mayLag(server, refusal.code) {
            command.decision = RoutingDecision(target: .main, reason: .notProvablyARead, isRepeatable: true)
            phase = .running
            return routeRetained()
        }
        if case .deallocates(let statement) = use.action {
            texts.removed(statement.name)
            leaveWaiting()
            return answerOK()
        }
        refuse(
            ProxyError(code: refusal.code, sqlState: refusal.sqlState, message: refusal.message, isServers: true))
    }

    // MARK: Replies

    /// A command was answered: what the names stand for now.
    func noteTexts(_ server: ServerConnection) {
        if command.isUnread && command.code == .query { texts.becomeUncertain() }
        guard let use = command.textUse else { return }
        switch use.action {
        case .prepares(let statement): notePrepared(statement, server)
        case .deallocates(let statement):
            server.textRemoved(statement.name)
            texts.removed(statement.name)
        case .executes(let statement):
            if statement.kind == .unknown || mayUseNames(statement.traits) { becomeUncertain() }
        case .runs(let statement): if mayUseNames(statement.traits) { becomeUncertain() }
        case .anything: becomeUncertain()
        case .misses: break
        }
        if !texts.needsMain { state.unpin(.textStatements) }
    }

    private func notePrepared(_ statement: TextStatement, _ server: ServerConnection) {
        guard !command.endedInError else { return server.textRemoved(statement.name) }
        server.textPrepared(statement.name, statement.number)
        texts.prepared(statement)
        // Its execution asks about the statement in front of it, which must then have run where this is prepared.
        if statement.kind == .held && statement.asksAboutPrevious { state.pin(.untrackedState) }
    }

    private func becomeUncertain() {
        texts.becomeUncertain()
        state.pin(.untrackedState)
    }
}

extension StatementTraits {
    /// What a PREPARE or DEALLOCATE is that leaves nothing on its connection but a name, which that knows. Servers report
    /// it as a change of the session's state.
    fileprivate static var naming: StatementTraits {
        var traits = StatementTraits.command(.primary, kind: .prepare)
        traits.effects = .deallocatesText
        return traits
    }

    /// Those of a text that is executed by a statement with these traits of its own; nil for one without parameters.
    func withParameters(_ own: StatementTraits?) -> StatementTraits {
        guard let own else { return self }
        var traits = self
        traits.effects.formUnion(own.effects.intersection(.readsUserVariables))
        // An argument may be an OUT parameter.
        if kind == .call { traits.effects.insert(.writesUserVariables) }
        return traits
    }
}

extension ProxyError {
    /// 9510: what the name stands for is only on the primary.
    static func textElsewhere(_ name: [UInt8]) -> ProxyError {
        ProxyError(
            code: 9510, sqlState: "25006",
            message: "the statement \(String(decoding: name, as: UTF8.self)) was prepared on the primary and cannot be "
                + "prepared on the replica of a read-only transaction: begin with START TRANSACTION instead of "
                + "START TRANSACTION READ ONLY")
    }
}
