// The same program run against a server and through the proxy, and what differs.

/// One step of a program.
package enum DifferentialStep: Sendable {
    case query(String)
    case prepared(String, [[MySQLParameter]])
    case ping
    case schema(String)
    case reset
    case fields(String)

    var name: String {
        switch self {
        case .query(let sql): sql.count > 200 ? "\(sql.prefix(200))… (\(sql.utf8.count) bytes)" : sql
        case .prepared(let sql, let parameters): "prepared: \(sql) with \(parameters)".prefix(300).description
        case .ping: "COM_PING"
        case .schema(let name): "COM_INIT_DB \(name)"
        case .reset: "COM_RESET_CONNECTION"
        case .fields(let table): "COM_FIELD_LIST \(table)"
        }
    }
}

extension DifferentialStep: ExpressibleByStringLiteral {
    package init(stringLiteral sql: String) { self = .query(sql) }
}

/// Compares a server with a server behind a proxy.
package struct Differential {
    let direct: MySQLLogin
    let proxied: MySQLLogin

    /// So many steps before a difference are shown with it.
    private static let contextSteps = 3

    package init(direct: MySQLLogin, proxied: MySQLLogin) {
        self.direct = direct
        self.proxied = proxied
    }

    /// Runs all steps in one session directly, then all in one session through the proxy; describes each difference.
    ///
    /// The program must begin by making what it needs anew, since it runs twice.
    package func differences(_ program: [DifferentialStep]) throws -> [String] {
        let expected = try answers(direct, program)
        let answered = try answers(proxied, program)
        return program.indices.compactMap { index in
            guard expected[index] != answered[index] else { return nil }
            let before = program[..<index].suffix(Self.contextSteps).map { "  after: \($0.name)\n" }.joined()
            return "\(program[index].name)\n\(before)\(Self.explain(expected[index], answered[index]))"
        }
    }

    /// The steps that fail when the server is asked directly: for a check that a program tests what it means to.
    package func directFailures(_ program: [DifferentialStep]) throws -> [String] {
        try zip(program, answers(direct, program)).flatMap { step, outcomes in
            outcomes.compactMap { outcome in outcome.failure.map { "\(step.name): \($0)" } }
        }
    }

    private func answers(_ login: MySQLLogin, _ program: [DifferentialStep]) throws -> [[MySQLOutcome]] {
        let session = try MySQLSession(login)
        return program.map { answer(session, $0) }
    }

    private func answer(_ session: MySQLSession, _ step: DifferentialStep) -> [MySQLOutcome] {
        switch step {
        case .query(let sql): return [session.outcome(of: sql)]
        case .prepared(let sql, let executions):
            do throws(MySQLFailure) {
                let statement = try MySQLStatement(session, sql)
                var described = MySQLReply()
                described.columns = statement.columns
                described.affectedRows = UInt64(statement.parameterCount)
                var outcomes = [MySQLOutcome()]
                outcomes[0].replies = [described]
                for parameters in executions { outcomes.append(statement.outcome(of: parameters)) }
                return outcomes
            } catch {
                return [Self.failed(error)]
            }
        case .ping: return [outcome { () throws(MySQLFailure) in try session.ping() }]
        case .schema(let name): return [outcome { () throws(MySQLFailure) in try session.selectSchema(name) }]
        case .reset: return [outcome { () throws(MySQLFailure) in try session.reset() }]
        case .fields(let table):
            do throws(MySQLFailure) {
                var outcome = MySQLOutcome()
                var reply = MySQLReply()
                reply.columns = try session.fieldList(table)
                outcome.replies = [reply]
                return [outcome]
            } catch {
                return [Self.failed(error)]
            }
        }
    }

    private func outcome(_ work: () throws(MySQLFailure) -> Void) -> MySQLOutcome {
        do throws(MySQLFailure) {
            try work()
            return MySQLOutcome()
        } catch {
            return Self.failed(error)
        }
    }

    private static func failed(_ failure: MySQLFailure) -> MySQLOutcome {
        var outcome = MySQLOutcome()
        outcome.failure = failure
        return outcome
    }

    /// The first part of an answer that differs, as both sides gave it.
    private static func explain(_ expected: [MySQLOutcome], _ answered: [MySQLOutcome]) -> String {
        for (index, pair) in zip(expected, answered).enumerated() where pair.0 != pair.1 {
            let (direct, proxied) = pair
            if direct.failure != proxied.failure {
                return "  [\(index)] error directly: \(direct.failure.map { "\($0)" } ?? "none")\n"
                    + "  [\(index)] error proxied:  \(proxied.failure.map { "\($0)" } ?? "none")"
            }
            for (number, replies) in zip(direct.replies, proxied.replies).enumerated() where replies.0 != replies.1 {
                return "  [\(index).\(number)] directly: \("\(replies.0)".prefix(900))\n"
                    + "  [\(index).\(number)] proxied:  \("\(replies.1)".prefix(900))"
            }
            return "  [\(index)] \(direct.replies.count) results directly, \(proxied.replies.count) proxied"
        }
        return "  \(expected.count) answers directly, \(answered.count) proxied"
    }
}
