// User variables: which a statement changes, and how their values come to be known.
//
// Of a `SET` of numbers the text tells the values. Others are known to the main connection alone until it is asked. That is
// done where the question shows nowhere: in front of a SELECT on that connection, which makes its own diagnostics and row
// counts, and before the connection is given back. Behind the statement that sets a variable a question would change what
// FOUND_ROWS(), ROW_COUNT() and SHOW WARNINGS say next.
internal import Backend
internal import Routing
internal import SQL

extension ProxySession {
    /// Reads which user variables the statement that was just sent may change.
    func noteUserVariables(_ text: UnsafeRawBufferPointer, mode: SQLMode? = nil) {
        guard command.traits.effects.contains(.writesUserVariables) else { return }
        command.userVariables = UserVariableNames.changes(text, command.traits, mode: mode ?? state.sqlMode) ?? []
    }

    /// Asks for the values that only the main connection knows, in front of a SELECT that reads some of them there.
    func askForUserVariables(on server: ServerConnection) {
        let traits = command.traits
        guard traits.effects.contains(.readsUserVariables), server === main, traits.kind == .select,
            traits.access == .read, !command.streams, !state.isInTransaction,
            state.pins.isDisjoint(with: [.nextTransaction, .autocommitOff, .untrackedState, .unclassified])
        else { return }
        let names = state.variablesToAsk
        guard !names.isEmpty else { return }
        command.askedVariables = names
        server.askInFront(UserVariableQuestion.text(names, withLastInsertID: false))
    }

    /// The answer to that is here.
    func noteAskedVariables(_ server: ServerConnection) {
        let names = command.askedVariables
        guard !names.isEmpty else { return }
        command.askedVariables = []
        if let row = server.answeredRow, let variables = UserVariableQuestion.variables(names, row, from: 0) {
            state.userVariablesTold(variables)
        } else {
            state.userVariablesUntellable()
        }
    }
}
