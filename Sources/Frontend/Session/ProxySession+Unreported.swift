// What a SET changed and servers do not report: asked for, or read from the text.
internal import Backend
internal import SQL

extension ProxySession {
    /// Sends the question behind the statement that was just sent, if there is one.
    ///
    /// - Parameters:
    ///   - text: the whole statement.
    ///   - mode: what it was read under; nil for what is in force.
    func askWhatNobodyReports(_ text: UnsafeRawBufferPointer, on server: ServerConnection, mode: SQLMode? = nil) {
        guard command.setsWhatNobodyReports else { return }
        let unreported = UnreportedVariables(text, command.traits, mode ?? state.sqlMode)
        command.characterSetChanges = unreported.changes
        guard let question = unreported.question else { return }
        command.awaitsReport = true
        server.report(question)
    }

    /// A text that is sent in parts is not read as a whole.
    func giveUpOnWhatNobodyReports() {
        guard command.setsWhatNobodyReports else { return }
        command.characterSetChanges = [.unknown]
    }

    /// The statement ended: what its text says of character sets holds, unless it failed.
    func noteCharacterSets() {
        for change in command.characterSetChanges where !command.endedInError || change == .unknown {
            switch change {
            case .names(let statement, let later): state.namesSet(statement, except: later)
            case .collation(let collation): if !command.reportedCollation { state.collationSet(collation) }
            case .unknownCollation: if !command.reportedCollation { command.reportIsIncomplete = true }
            case .unknown: command.reportIsIncomplete = true
            }
        }
    }
}
