// What holds a session to a connection for a while, with ordinary statements in between.

import ConsistencyChecker
import TestSupport

extension Player {
    /// One of the things that hold; does nothing when enough sessions are held already.
    func hold() {
        guard ground.takePin() else { return seeAbsence() }
        defer { ground.returnPin() }
        holdSomething()
        if dice.once(in: 5) { reset() }
    }

    private func holdSomething() {
        switch dice.roll(8) {
        case 0: holdTemporaryTable()
        case 1: holdUserVariable()
        case 2: holdPreparedStatement()
        case 3: holdOwnLock()
        case 4: useRoutines()
        default: holdCommonLock()
        }
    }

    /// Ordinary statements, and a look at what is held.
    private func between(_ look: () -> Void) {
        for _ in 0..<(1 + dice.roll(4)) {
            switch dice.roll(6) {
            case 0: read()
            case 1: write()
            case 2: setVariable()
            case 3: seeVariable()
            default: look()
            }
        }
    }

    // MARK: Temporary tables

    private func holdTemporaryTable() {
        let content = ownNumber()
        let created = perform(
            Statement(
                text: "CREATE TEMPORARY TABLE app.passing (session BIGINT)",
                effects: [.set(.temporaryTable("passing"), "empty")],
                answers: [1050: [.saw(.temporaryTable("passing"), "somebody's")]]))
        guard created != nil else { return }
        perform(
            Statement(
                text: "INSERT INTO app.passing VALUES (\(content))",
                effects: [.set(.temporaryTable("passing"), content)]))
        between(seeTemporaryTable)
        perform(
            Statement(
                text: "DROP TEMPORARY TABLE IF EXISTS app.passing", purpose: .release,
                effects: [.set(.temporaryTable("passing"), "absent")]))
    }

    private func seeTemporaryTable() {
        let slot = Slot.temporaryTable("passing")
        perform(
            Statement(
                text: "SELECT session FROM app.passing", purpose: .seeTemporaryTable,
                answers: [1146: [.saw(slot, "absent")]], observe: { [.saw(slot, $0[0].value ?? "empty")] }))
    }

    // MARK: User variables

    private func holdUserVariable() {
        setUserVariable()
        between { dice.once(in: 3) ? setUserVariable() : seeUserVariable() }
        perform(
            Statement(text: "SET @v = NULL", purpose: .release, effects: [.set(.userVariable("v"), "NULL")]))
    }

    func setUserVariable() {
        let value = ownNumber()
        let text = dice.pick(["SET @v = \(value)", "SELECT \(value) INTO @v", "SET @v := '\(value)'"])
        perform(Statement(text: text, effects: [.set(.userVariable("v"), value)]))
    }

    func seeUserVariable() {
        perform(
            Statement(
                text: "SELECT @v", style: dice.once(in: 3) ? .prepared([]) : .text,
                observe: { [.saw(.userVariable("v"), $0[0].value ?? "NULL")] }))
    }

    // MARK: Routines

    /// A routine may have taken locks, for all that others know.
    private func useRoutines() {
        between(callRoutine)
        perform(Statement(text: "SELECT RELEASE_ALL_LOCKS()", purpose: .release))
    }

    /// Nobody but the server knows what a routine does to the session.
    private func callRoutine() {
        if dice.once(in: 2) { return readByFunction() }
        let counter = dice.roll(Ground.counters)
        hasCalled = true
        perform(
            Statement(
                text: "CALL app.raise(\(counter))", purpose: .raise,
                effects: [.raised(counter, number: nextNumber())]))
    }

    // MARK: SQL-level prepared statements

    private func holdPreparedStatement() {
        let value = ownNumber()
        let slot = Slot.preparedStatement("p")
        perform(Statement(text: "PREPARE p FROM 'SELECT \(value)'", effects: [.set(slot, value)]))
        between(executePrepared)
        perform(
            Statement(
                text: "DEALLOCATE PREPARE p", purpose: .release, effects: [.set(slot, "absent")],
                answers: [1243: [.saw(slot, "absent")]]))
    }

    private func executePrepared() {
        let slot = Slot.preparedStatement("p")
        perform(
            Statement(
                text: "EXECUTE p", answers: [1243: [.saw(slot, "absent")]],
                observe: { [.saw(slot, $0[0].value ?? "NULL")] }))
    }

    // MARK: Locks

    private var ownLock: String { "own-\(session)" }

    private func holdOwnLock() {
        let slot = Slot.lock("own")
        let got = perform(
            Statement(
                text: "SELECT GET_LOCK('\(ownLock)', 0), IS_USED_LOCK('\(ownLock)')",
                observe: { replies in
                    guard let row = replies[0].rows.first, row[0] == "1", let holder = row[1] else {
                        return [.strange("a lock that nobody else asks for was not given")]
                    }
                    return [.set(slot, holder)]
                }))
        guard got != nil else { return }
        between(seeOwnLock)
        perform(
            Statement(
                text: "SELECT RELEASE_LOCK('\(ownLock)')", purpose: .release, effects: [.set(slot, "free")],
                observe: { $0[0].value == "1" ? [] : [.saw(slot, "not ours")] }))
    }

    private func seeOwnLock() {
        perform(
            Statement(
                text: "SELECT IS_USED_LOCK('\(ownLock)')",
                observe: { [.saw(.lock("own"), $0[0].value ?? "free")] }))
    }

    /// A lock that others want too.
    private func holdCommonLock() {
        let lock = "common"
        let got = perform(
            Statement(
                text: "SELECT GET_LOCK('\(lock)', 0)", purpose: .lock,
                observe: { $0[0].value == "1" ? [.acquired(lock)] : [] }))
        guard let got, got[0].value == "1" else { return }
        between { seeVariable() }
        perform(
            Statement(
                text: "SELECT RELEASE_LOCK('\(lock)')", effects: [.released(lock)],
                observe: { replies in
                    let isOurs = replies[0].value == "1" || self.ground.options.plant == .sharedLock
                    return isOurs ? [] : [.strange("the lock was not ours any more")]
                }))
    }

    // MARK: Nothing of others

    /// What this session does not have now, and others may.
    func seeAbsence() {
        switch dice.roll(4) {
        case 0: seeTemporaryTable()
        case 1: seeUserVariable()
        case 2: executePrepared()
        default: seeOwnLock()
        }
    }

    /// COM_RESET_CONNECTION. The schema stays.
    func reset() {
        guard !isInTransaction else { return }
        hasCalled = false
        perform(
            Statement(text: "", style: .reset, purpose: .release, effects: Player.beginning(ground.defaults)))
    }
}
