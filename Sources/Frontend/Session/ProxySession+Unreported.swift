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
        if command.traits.kind == .setRole { return askAboutRole(text, on: server, mode ?? state.sqlMode) }
        let unreported = UnreportedVariables(text, command.traits, mode ?? state.sqlMode)
        command.characterSetChanges = unreported.changes
        guard let question = unreported.question else { return }
        command.awaitsReport = true
        server.report(question)
    }

    /// The role may not allow the schema that the session is in, or may have allowed it before: what the server lets stay,
    /// another would refuse. So this one is asked to go there again; what it says holds for all.
    private func askAboutRole(_ text: UnsafeRawBufferPointer, on server: ServerConnection, _ mode: SQLMode) {
        guard command.traits.statementCount == 1 else {
            // A character set may be set behind it.
            command.characterSetChanges = [.unknown]
            return
        }
        let schema = state.image.schema
        // A name in other letters would be read in the character set of the session.
        guard schema.allSatisfy({ $0 < 0x80 }) else { return }
        command.role = SetRoleStatement.clause(text, mode: mode)
        guard command.role != nil, !schema.isEmpty else { return }
        command.awaitsReport = true
        var question = Array("USE `".utf8)
        for byte in schema {
            if byte == UInt8(ascii: "`") { question.append(byte) }
            question.append(byte)
        }
        question.append(UInt8(ascii: "`"))
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
