// A connection that goes to the next session as it is, without a reset.
//
// It may when everything that the next session could see of this one is known. What statements leave behind is known by
// the classifier and by the server's reports, but for what triggers and functions do: `SELECT … INTO @x`, `@x := …` and
// GET_LOCK() in them are reported by no server (seen on MariaDB 10.11 and 11.8 and MySQL 9.7). So the server is asked, once,
// when the connection comes back. MariaDB tells anybody how many user variables there are; MySQL does not: there, every
// connection is reset.
internal import Topology
internal import Wire

/// The question, and what its answer says.
enum PassingQuestion {
    /// One value: LAST_INSERT_ID(), the number of locks that were still held, and the number of user variables, all of which
    /// nobody may inherit. The statement gives the locks back. It reads a table and has one row: so it also leaves no
    /// warnings (seen on MariaDB 10.11 and 11.8), and nothing of the session's for FOUND_ROWS().
    static let text = Array(
        ("SELECT CONCAT_WS(' ',LAST_INSERT_ID(),RELEASE_ALL_LOCKS(),"
            + "(SELECT COUNT(*) FROM information_schema.USER_VARIABLES)) LIMIT 1").utf8)

    /// LAST_INSERT_ID() of a connection that keeps nothing else; nil when it does, or when this is no answer.
    static func lastInsertID(in answer: [UInt8]?) -> (value: [UInt8], isClean: Bool)? {
        guard let answer else { return nil }
        let parts = answer.split(separator: UInt8(ascii: " "), omittingEmptySubsequences: false)
        guard parts.count == 3, parts.allSatisfy({ !$0.isEmpty && $0.allSatisfy(isDigit) }) else { return nil }
        return (Array(parts[0]), parts[2].elementsEqual("0".utf8))
    }

    private static func isDigit(_ byte: UInt8) -> Bool { byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9") }
}

extension ServerConnection {
    /// The session left something here that cannot be told, or cannot be undone: the connection is reset when it comes back.
    package func taint() { isTainted = true }

    /// Whether a session in this state needs nothing to be told to the server.
    func isLike(_ image: SessionImage) -> Bool { knownState.isLike(image) }

    /// Whether the connection could go to another session as it is, but for what only the server can tell.
    package var mayPass: Bool {
        guard entry.flavor == .mariaDB, !isTainted, !hasTexts, !tracker.status.contains(.inTransaction),
            statements.count + preparing.count <= BackendLimits.statementsClosedInPassing, !statements.holdsAny
        else { return false }
        let image = knownState
        // What a reset makes of these is more than DEFAULT says.
        let ignoresSpace = Capabilities(rawValue: key.traits.capabilities).contains(.ignoreSpace)
        if ignoresSpace && image.value(of: "sql_mode") != nil { return false }
        let changesCharacterSets = image.namesStatement != nil || !image.characterSets.isEmpty
        if changesCharacterSets && !canUndoCharacterSets { return false }
        return SessionSynchronizer.canUndo(image)
    }

    /// Whether a `SET` by the login's number makes of the character sets what the login had made of them. MariaDB takes the
    /// number of a default collation for that which `character_set_collations` names, in a login (45 for 224; seen on 11.8)
    /// and not in a `SET`; 10.11 does not have that variable.
    private var canUndoCharacterSets: Bool {
        key.traits.collation < OpeningStatement.firstForeignCollation && entry.serverVersion.hasPrefix("10.")
    }

    /// Asks what only the server can tell, on behalf of the user, who hears `serverSynchronized`.
    package func askForPassing() { ask(PassingQuestion.text) }

    /// The value of LAST_INSERT_ID() in the answer to `askForPassing`; nil when there was none.
    package var lastInsertIDInPassing: [UInt8]? { PassingQuestion.lastInsertID(in: answeredValue)?.value }

    /// Takes the answer to the question into account. False when the connection must be reset.
    func notePassingAnswer() -> Bool {
        // An error packet carries no status flags: that a transaction is open behind one, this answer is the first to
        // tell.
        guard let (value, isClean) = PassingQuestion.lastInsertID(in: answeredValue), isClean,
            !tracker.status.contains(.inTransaction)
        else { return false }
        noteLastInsertID(value)
        return true
    }

    /// It is as it was after its login.
    var isUnused: Bool {
        isUntouched && !isTainted && !hasTexts && statements.count == 0 && preparing.isEmpty
            && knownState.isLike(SessionImage(afterResetIn: knownState.schema, multiStatements: nil))
    }

    /// Nothing was sent on it for a session since it was clean.
    var isUntouched: Bool { !isTouched }

    /// COM_STMT_CLOSE for all that the session had prepared; no reply comes.
    func closeStatements() {
        while let serverID = statements.evict() { enqueueClose(serverID) }
    }
}
