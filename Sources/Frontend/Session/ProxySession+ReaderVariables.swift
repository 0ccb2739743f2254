// User variables that a reader was told to set: GET DIAGNOSTICS runs where the statement before it ran.
//
// The reader is asked for them before anything but another question about that statement runs. Then they are carried.
internal import Backend
internal import SQL

extension ProxySession {
    /// The statement at hand ended on `server`: what it set there is to be asked for.
    func noteReaderVariables(_ server: ServerConnection) {
        guard server !== main, command.traits.effects.contains(.writesUserVariables) else { return }
        variablesReader = server
        for change in command.userVariables where !readerVariables.contains(change.name) {
            readerVariables.append(change.name)
        }
    }

    /// Asks the reader, if there is something to ask. The command at hand waits for the answer.
    func asksReaderFirst(_ packets: UnsafeRawBufferPointer) -> Bool {
        guard let reader = variablesReader, command.traits.access != .previous, reader.isReady,
            !state.isInTransaction, !readerVariables.isEmpty
        else { return false }
        retain(packets)
        phase = .waiting
        current = reader
        command.asksReader = true
        // It may owe an answer to a command that was given up: the question follows that.
        if reader.isInSync { askReader(reader) } else { reader.flush() }
        return true
    }

    private func askReader(_ reader: ServerConnection) {
        command.readerIsAsked = true
        reader.ask(UserVariableQuestion.text(readerVariables, withLastInsertID: false))
    }

    /// The reader answered: the command goes on.
    func readerAnswered(_ reader: ServerConnection) {
        guard command.readerIsAsked else { return askReader(reader) }
        command.asksReader = false
        let names = readerVariables
        forgetReaderVariables()
        if let row = reader.answeredRow, let variables = UserVariableQuestion.variables(names, row, from: 0) {
            state.userVariablesTold(variables)
        } else {
            // Nobody else has them, and here nothing that writes may run: the session cannot go on without them.
            return client.end()
        }
        reader.adopt(state.image)
        current = nil
        phase = .running
        routeRetained()
    }

    func forgetReaderVariables() {
        variablesReader = nil
        readerVariables = []
    }
}
