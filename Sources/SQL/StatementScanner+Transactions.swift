// Transaction control: BEGIN, START TRANSACTION, COMMIT, ROLLBACK, savepoints, XA.

extension StatementScanner {
    mutating func parseTransactionControl() {
        let verb = token.keyword
        advance()
        switch verb {
        case .begin: parseBegin()
        case .start: parseStart()
        case .commit: parseCompletion(.commit)
        case .rollback: parseCompletion(.rollback)
        case .savepoint: judge(.savepoint, .transactionControl, .transactionControl, .savepoint)
        case .release:
            guard token.keyword == .savepoint else { return judgeUnknown() }
            judge(.releaseSavepoint, .transactionControl, .transactionControl, .savepoint)
        default: judge(.xa, .primary, .distributedTransaction)
        }
    }

    /// Behind `BEGIN`: nothing, `WORK`, or a block.
    private mutating func parseBegin() {
        _ = accept(.work)
        if isAtStatementEnd {
            return judge(.begin, .transactionControl, .transactionControl, transaction: .beginReadWrite)
        }
        // `BEGIN NOT ATOMIC …`, or a block in ORACLE mode; its statements are not looked at.
        judge(.beginNotAtomic, .primary, .compoundBlock, .setsUntracked)
        skipToTextEnd()
    }

    private mutating func parseStart() {
        guard accept(.transaction) else {
            switch token.keyword {
            case .slave, .replica, .groupReplication, .all: judge(.replication, .primary, .replicationControl)
            default: judgeUnknown()
            }
            return
        }
        var effect = TransactionEffect.beginReadWrite
        while !isAtStatementEnd {
            if previous.keyword == .read, token.keyword == .only { effect = .beginReadOnly }
            advance()
        }
        judge(.begin, .transactionControl, .transactionControl, transaction: effect)
    }

    /// Behind `COMMIT` or `ROLLBACK`: `[WORK] [AND [NO] CHAIN] [[NO] RELEASE]`, `[WORK] TO [SAVEPOINT] s`.
    private mutating func parseCompletion(_ kind: StatementKind) {
        let isCommit = kind == .commit
        _ = accept(.work)
        if !isCommit, token.keyword == .to {
            return judge(.rollbackToSavepoint, .transactionControl, .transactionControl, .savepoint)
        }
        var effect: TransactionEffect = isCommit ? .commit : .rollback
        while !isAtStatementEnd {
            let isNegated = previous.keyword == .no
            switch token.keyword {
            case .chain where !isNegated: effect = isCommit ? .commitAndChain : .rollbackAndChain
            case .release where !isNegated: effect = isCommit ? .commitAndRelease : .rollbackAndRelease
            case .and, .no, .chain, .release: break
            default: return judgeUnknown()
            }
            advance()
        }
        judge(kind, .transactionControl, .transactionControl, transaction: effect)
    }
}
