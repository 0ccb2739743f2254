// Writes of accounts that `read_only` does not bind, on a primary that became read-only while they waited there.
//
// Of other accounts the server refuses them when it lets them go on. Of these it would do them: behind what the next primary
// takes over. So they are ended as soon as the gate closes, while the switchover still holds them up, and not only when
// another reigns. What its server ended is told by error 1317, did not happen, and is run where the gate opens next. What
// was done before the KILL came is answered like all that a KILL crossed: nobody knows whether the next primary has it.
internal import Backend
internal import Routing
internal import SQL
internal import Topology

extension ProxySession {
    /// A new table is in force: ends what the node must not do any more, if it is the kind that can be run again.
    func leaveReadOnlyPrimary() {
        guard phase == .running, let main, current === main, mode != .replica, command.wasSent,
            !command.wasAnswered, command.purpose == .client, !cluster.table.gate.isOpen,
            main.epoch == cluster.table.epoch, cluster.table.entry(main.entry.id)?.state == .readOnly,
            commitsByItself, cluster.link.unbound.contains(identity.serverUser)
        else { return }
        interrupt(main)
    }

    /// Whether the statement at hand commits something, and leaves nothing when it is ended. In a transaction that is its end
    /// alone: the rest is undone with its connection, and repeated elsewhere.
    private var commitsByItself: Bool {
        guard command.isRetained, takesOneNumber else { return false }
        if state.isInTransaction {
            return main === transactionServer && command.traits.kind == .commit
                && command.traits.transaction == .commit && mayReplay()
        }
        return command.traits.kind != .commit && command.statement?.hold == nil
            && state.pins.isDisjoint(with: .lostWithConnection.union(.autocommitOff))
    }
}
