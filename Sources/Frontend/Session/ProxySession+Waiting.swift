// Statements that nobody can take yet: bounded in number and time.
internal import Backend
internal import Network
internal import Routing
internal import Topology

extension ProxySession {
    /// Waits until the table changes, a connection is free, or the time is over.
    func wait(_ reason: WaitReason) {
        phase = .waiting
        current = nil
        let now = lane.nowMilliseconds
        let hold = holdMilliseconds(reason)
        if command.waitingSince == 0 {
            command.waitingSince = max(now, 1)
            if case .noRoom = reason {} else { cluster.link.probeNow(nil) }
            if case .noPrimary = reason { noteHold() }
        } else if now - command.waitingSince >= hold {
            return refuseWaiting(reason)
        }
        guard startsWaiting(reason) else {
            return refuse(
                .tooManyWaiting(cluster.link.settings.waitingClients, reason: text(of: reason)))
        }
        command.isWaiting = true
        client.setDeadline(milliseconds: command.waitingSince + hold)
    }

    /// A statement is held for want of a primary: counted once, however often it is tried.
    private func noteHold() {
        guard heldSince == 0 else { return }
        heldSince = max(lane.nowMilliseconds, 1)
        cluster.link.failover.statementHeld()
    }

    /// It is held no more.
    func noteHoldEnd() {
        guard heldSince > 0 else { return }
        cluster.link.failover.holdEnded(milliseconds: lane.nowMilliseconds - heldSince)
        heldSince = 0
    }

    private func holdMilliseconds(_ reason: WaitReason) -> UInt64 {
        if case .noRoom = reason { return cluster.link.settings.waitTimeoutMilliseconds }
        return cluster.link.settings.holdTimeoutMilliseconds
    }

    private func startsWaiting(_ reason: WaitReason) -> Bool {
        guard case .noRoom(let node, _, let limit) = reason else { return cluster.startWaiting(self) }
        return cluster.join(self, at: node, limit)
    }

    /// Whether the statement that waits for one node may run on others too.
    var hasChoiceOfNodes: Bool {
        guard mode == .split else { return command.decision.target == .reader || mode == .replica }
        return switch command.decision.target {
        case .reader, .anyAttached: true
        case .previous: !asksAndChanges(command.traits)
        case .main, .transaction: false
        }
    }

    /// Something changed: the statement is routed again.
    func retry() {
        guard phase == .waiting, current == nil, command.isWaiting else { return }
        command.isWaiting = false
        routeRetained()
    }

    /// The deadline passed while the statement waited.
    func waitedTooLong() {
        cluster.stopWaiting(self)
        command.isWaiting = false
        // One last look: it decides, and says what is wrong now rather than what was wrong at first.
        routeRetained()
    }

    private func refuseWaiting(_ reason: WaitReason) {
        let waited = lane.nowMilliseconds - command.waitingSince
        armIdleDeadline()
        switch reason {
        case .noPrimary(let cause):
            refuse(.noPrimary(cluster: cluster.link.name, reason: cause, waitedMilliseconds: waited))
        case .noReader(let cause):
            refuse(.noReader(cluster: cluster.link.name, reason: cause, waitedMilliseconds: waited))
        case .noRoom(_, let node, let limit):
            refuse(.noConnection(node: node, reason: limit.text, waitedMilliseconds: waited))
        case .noConnection(let node, let cause):
            refuse(.noConnection(node: node, reason: cause, waitedMilliseconds: waited))
        }
    }

    private func text(of reason: WaitReason) -> String {
        switch reason {
        case .noPrimary(let cause): "no primary: \(cause)"
        case .noReader(let cause): "no node for reads: \(cause)"
        case .noRoom(_, let node, let limit): "\(node): \(limit.text)"
        case .noConnection(let node, let cause): "\(node): \(cause)"
        }
    }
}
