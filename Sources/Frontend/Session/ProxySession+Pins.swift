// What a session notes of its pins: the names in a statement before it runs, time and statement when one is set.
internal import Routing
internal import SQL

extension ProxySession {
    /// Reads what the statement that was just sent does to named things.
    ///
    /// - Parameter mode: the SQL mode that its text is read under; nil for the session's.
    func noteNames(_ text: UnsafeRawBufferPointer, mode: SQLMode? = nil) {
        noteUserVariables(text, mode: mode)
        guard state.mayChangeNames(command.traits) else { return }
        command.namedChanges = NamedChanges.read(text, command.traits, mode: mode ?? state.sqlMode)
    }

    /// Pins other than those of `former` hold since the command at hand.
    func notePins(since former: SessionPins) {
        let new = state.pins.subtracting(former)
        guard !new.isEmpty else { return }
        measured.pins |= new.rawValue
        state.recordPins(new, cluster.nowUnixMilliseconds, shownStatement.array)
        cluster.link.counters.pinned(new.rawValue)
    }
}
