// Texts that are executed without a name, and those that come from user variables.
//
// A text is taken from a variable where the session knows what that holds, by the literal that it was set to or by a server's
// answer. It is then judged as if it were written in the statement. Of another nothing is known: it runs on the main
// connection, which then belongs to the session, and the ids in it are the server's.
internal import Backend
internal import Routing
internal import SQL
internal import Wire

extension ProxySession {
    /// The text that a user variable holds, if it is known; `variable` is nil for one of which the name is not certain.
    func content(ofVariable variable: [UInt8]?) -> [UInt8]? { variable.flatMap { state.text(ofVariable: $0) } }

    private func content(of source: ImmediateStatement.Source) -> [UInt8]? {
        switch source {
        case .literal(let content): content
        case .variable(let name): content(ofVariable: name)
        }
    }

    /// `EXECUTE IMMEDIATE`: routed by its text, which leaves on the connection what it would leave if it were sent itself.
    func runImmediate(
        _ immediate: ImmediateStatement, _ text: UnsafeRawBufferPointer, _ own: StatementTraits,
        _ packet: UnsafeRawBufferPointer
    ) -> Bool {
        guard let content = content(of: immediate.source) else { return beginAnything(own, packet) }
        let executed = content.withUnsafeBytes { Classifier.classify($0, mode: state.sqlMode) }
        if let refusal = refusalToPrepare(executed) {
            refuse(refusal)
            return true
        }
        guard isRoutedByText(executed, immediate.parameters) else { return beginAnything(own, packet) }
        let traits = executed.withParameters(immediate.parameters == .absent ? nil : own)
        if let refusal = refusal(of: traits) {
            refuse(refusal)
            return true
        }
        if traits.effects.contains(.showsProcesslist), content.withUnsafeBytes({ answerHere($0, traits, packet) }) {
            return true
        }
        var written = contentWithOwnID(content, executed)
        if case .variable = immediate.source, written == nil { written = content }
        sendImmediate(content, as: written, immediate, text, traits, packet)
        return true
    }

    /// Whether it can be told what the statement does. MySQL does not have it, and says so in its own words.
    private func isRoutedByText(_ executed: StatementTraits, _ parameters: ImmediateStatement.Parameters) -> Bool {
        let named: StatementEffects = [.preparesText, .executesText, .deallocatesText, .multiStatement]
        return state.sqlMode.dialect == .mariaDB && parameters != .other && executed.statementCount == 1
            && executed.kind != .unknown && executed.effects.isDisjoint(with: named)
    }

    /// - Parameter written: what the statement is to say instead of its source; nil for nothing else.
    private func sendImmediate(
        _ content: [UInt8], as written: [UInt8]?, _ immediate: ImmediateStatement, _ text: UnsafeRawBufferPointer,
        _ traits: StatementTraits, _ packet: UnsafeRawBufferPointer
    ) {
        let statement = TextStatement(
            name: [], number: 0, kind: .carried, text: written ?? content, traits: traits,
            context: StatementContext(state.image), mode: state.sqlMode)
        let decision = Router.decide(traits, routingContext)
        guard let written else {
            return beginExecution(.runs(statement), of: statement, traits, decision, packet)
        }
        let rest = UnsafeRawBufferPointer(rebasing: text[immediate.sourceEnd...])
        let changed = NamedStatement.executing(written, behind: rest, mode: state.sqlMode)
        guard let rewritten = self.packet(packet, ending: text.count, with: changed) else {
            return refuse(.packetTooLarge(cluster.link.settings.packetBytes))
        }
        rewritten.withUnsafeBytes { beginExecution(.runs(statement), of: statement, traits, decision, $0) }
    }

    /// What the names stand for nobody knows any more; what a text may not do holds all the same.
    func refusesToPrepare(_ statement: NamedStatement) -> Bool {
        let text: [UInt8]? =
            switch statement {
            case .prepare(_, let content): content
            case .prepareFromVariable(_, let variable): content(ofVariable: variable)
            case .executeImmediate(let immediate): content(of: immediate.source)
            case .execute, .deallocate, .other: nil
            }
        guard let text else { return false }
        let executed = text.withUnsafeBytes { Classifier.classify($0, mode: state.sqlMode) }
        guard let refusal = refusalToPrepare(executed) else { return false }
        refuse(refusal)
        return true
    }
}
