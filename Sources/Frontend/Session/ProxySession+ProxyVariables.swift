// Statements about Switchyard's own variables are answered here: no server knows them.
internal import Backend
internal import Routing
internal import SQL
internal import Wire

extension ProxySession {
    /// Answers a statement that names a variable of Switchyard's own.
    func answerProxyVariables(_ text: UnsafeRawBufferPointer, _ traits: StatementTraits) {
        let reading = traits.statementCount == 1 ? ProxyVariableStatement.read(text, mode: state.sqlMode) : .mixture
        switch reading {
        case .select(let columns): answer(columns)
        case .assign(let assignments): assign(assignments)
        case .show(let pattern, let isGlobal): show(pattern, isGlobal: isGlobal)
        case .asksGlobal(let name):
            refuse(ProxyVariable.named(name) == nil ? .unknownVariable(name) : .sessionVariable(name))
        case .setsGlobal(let name):
            refuse(ProxyVariable.named(name) == nil ? .unknownVariable(name) : .notGlobal(name))
        case .mixture:
            refuse(
                .notServed(
                    "variables named switchyard_… are Switchyard's own: a statement that names one is SET, SELECT or "
                        + "SHOW VARIABLES LIKE of nothing but those, by itself, with literal values"))
        }
    }

    private func answer(_ columns: [ProxyVariableStatement.Column]) {
        var definitions: [ColumnDefinition] = []
        var row: [[UInt8]?] = []
        for column in columns {
            guard let variable = ProxyVariable.named(column.name) else { return refuse(.unknownVariable(column.name)) }
            let value = variable.read(self).bytes
            definitions.append(Self.definition(column.heading, variable.kind, length: value?.count ?? 0))
            row.append(value)
        }
        answer(definitions, [row])
    }

    /// As servers describe `@@x` to a client of utf8mb4 (MariaDB 10.11, MySQL 9.7).
    private static func definition(_ name: String, _ kind: ProxyVariable.Kind, length: Int) -> ColumnDefinition {
        switch kind {
        case .text: ColumnDefinition(name: name, length: UInt32(clamping: length * 4), decimals: 39)
        case .number:
            ColumnDefinition(
                name: name, type: .longlong, collation: ColumnDefinition.binaryCollation, length: 21, flags: 0x80)
        }
    }

    private func show(_ pattern: ProxyVariablePattern, isGlobal: Bool) {
        let shown = isGlobal ? [] : ProxyVariable.all.filter { pattern.matches($0.name) }
        let columns = [
            ColumnDefinition(name: "Variable_name", length: 256, flags: 1),
            ColumnDefinition(name: "Value", length: 8_192),
        ]
        answer(columns, shown.map { [Array($0.name.utf8), $0.read(self).bytes ?? []] })
    }

    private func answer(_ columns: [ColumnDefinition], _ rows: [[[UInt8]?]]) {
        var writer = ByteWriter()
        TextResultSet.encode(
            columns: columns, rows: rows, capabilities: client.capabilities, status: visibleStatus,
            firstSequence: command.replySequence, leavesOutDefinitions: leavesOutDefinitions, into: &writer)
        client.write(writer.bytes)
        finishCommand()
    }

    /// All of them or none.
    private func assign(_ assignments: [ProxyVariableStatement.Assignment]) {
        var changes: [ProxyVariable.Change] = []
        do throws(ProxyError) {
            for assignment in assignments {
                guard let variable = ProxyVariable.named(assignment.name) else {
                    throw .unknownVariable(assignment.name)
                }
                guard let assign = variable.assign else { throw .readOnlyVariable(assignment.name) }
                changes.append(try assign(self, assignment.value))
            }
        } catch {
            return refuse(error)
        }
        for change in changes { change() }
        answerOK()
    }

    /// COM_RESET_CONNECTION: what the listener and the user give. The connections are gone already.
    func resetProxyVariables() {
        mode = defaults.mode
        limits = defaults.limits
        causal.settings = causalDefaults
    }

    // MARK: switchyard_mode

    /// Why the mode cannot change to this one now; nil when it can.
    func refusalToChangeMode(to next: RoutingMode) -> ProxyError? {
        guard next != mode else { return nil }
        // What a listener of mode `replica` promises is not the client's to take back.
        if defaults.mode == .replica || binlogReading != nil {
            return .wrongValue(
                ProxyVariable.modeName, .text(next.rawValue),
                "nothing but replica here, because that is the mode of this listener or user")
        }
        if state.isInTransaction { return .modeIsHeld("a transaction is open") }
        if readers.contains(where: { prepared.holds($0) }) {
            return .modeIsHeld("a prepared statement has a cursor or long data on a replica")
        }
        guard next == .replica || mode == .replica else { return nil }
        let held = state.pins.intersection(SessionPins.lostWithConnection.union(.autocommitOff))
        if !held.isEmpty { return .modeIsHeld(held.names.joined(separator: ", ")) }
        if let main, prepared.holds(main) {
            return .modeIsHeld("a prepared statement has a cursor or long data on its connection")
        }
        return nil
    }

    func changeMode(to next: RoutingMode) {
        guard next != mode else { return }
        if next == .replica || mode == .replica {
            // The main connection is another one from here on, and a replica's readers are not of one kind.
            for server in readers + (main.map { [$0] } ?? []) {
                if server === last { previousIsGone = true }
                if server === diagnosticsServer && state.pins.contains(.diagnostics) { diagnosticsAreGone = true }
                drop(server)
            }
        }
        mode = next
    }
}

extension ProxyError {
    /// 1568: the mode cannot change now.
    static func modeIsHeld(_ reason: String) -> ProxyError {
        ProxyError(
            code: 1568, sqlState: "25001",
            message: "switchyard_mode cannot be changed now: \(reason)")
    }
}
