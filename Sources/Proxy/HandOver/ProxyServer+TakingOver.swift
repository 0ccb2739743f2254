// The new process's part of a hand-over: it becomes ready while the old one serves, and serves when it is told to.
internal import Configuration
internal import Dispatch
internal import Frontend
internal import Logging
internal import Network
internal import Synchronization
internal import Telemetry
internal import Topology

extension ProxyServer {
    /// Starts with the sockets of another process, which serves until this one is ready. Blocks. Throws when it must not
    /// serve; the other one goes on then.
    ///
    /// - Parameter isEnding: whether this process was told to end meanwhile.
    package func takeOver(from predecessor: Predecessor, isEnding: () -> Bool) throws(ProxyStartError) {
        // What the other one acknowledges until it is gone, reads in mode `global` must see here.
        for cluster in clusters { cluster.link.shareWrites(true) }
        try prepare()
        awaitTables(isEnding)
        if isEnding() { throw ProxyStartError("told to end before it took over") }
        predecessor.channel.say(HandOverWords.ready(unserved: unservedClusters).line)
        try awaitPermission(predecessor.channel)
        accept()
        predecessor.channel.say(HandOverWords.serving.line)
        // Not before: until then the other process may go on alone, and needs the paths of its Unix sockets.
        inherited.withLock { inherited in
            inherited?.closeRest()
            inherited = nil
        }
        logger.notice("took over from another process")
        follow(predecessor)
    }

    /// A socket that the other process listened with at this address, if there is one that nobody has yet.
    func takeInherited(_ address: SocketAddress, _ name: String) -> Int32? {
        inherited.withLock { $0?.take(address, name: name) }
    }

    /// Until of each cluster all is known that there is to know, or the time is over.
    private func awaitTables(_ isEnding: () -> Bool) {
        let deadline = MonotonicClock.nanoseconds() + UInt64(HandOverLimits.firstTableMilliseconds) * 1_000_000
        let look = DispatchTimeInterval.milliseconds(HandOverLimits.lookMilliseconds)
        while !isEnding(), MonotonicClock.nanoseconds() < deadline {
            let isKnown = clusters.allSatisfy { cluster in
                !cluster.watcher.currentTable.entries.contains { $0.state == .starting }
            }
            if isKnown && unservedClusters.isEmpty { return }
            _ = DispatchSemaphore(value: 0).wait(timeout: .now() + look)
        }
    }

    /// Those that have no primary, or whose accounts are not known, so that nobody could log in.
    var unservedClusters: [String] {
        let mirrorsAccounts = settings.users == nil
        return clusters.filter { cluster in
            cluster.watcher.currentTable.primary == nil || (mirrorsAccounts && cluster.watcher.accounts.isEmpty)
        }.map(\.name)
    }

    private func awaitPermission(_ channel: ControlChannel) throws(ProxyStartError) {
        switch channel.hear(withinMilliseconds: HandOverLimits.servingMilliseconds) {
        case .line(let line):
            guard case .go(let newest)? = HandOverWords(line) else {
                throw ProxyStartError("the process to take over from said something else than to go on")
            }
            connectionIDs.follow(newest)
        case .closed:
            // It is dead, and its sockets are here: nobody else serves.
            logger.warning("the process to take over from is gone: serving")
        case .timedOut:
            throw ProxyStartError("the process to take over from does not answer")
        }
    }

    /// Notices when the other process has ended.
    private func follow(_ predecessor: Predecessor) {
        followsPredecessor.store(true, ordering: .releasing)
        // The server may go before that: its threads do not hold it.
        DispatchQueue(label: "switchyard.predecessor").async { [weak self] in
            while case .line = predecessor.channel.hear(withinMilliseconds: nil) {}
            guard let self else { return }
            for cluster in clusters { cluster.link.shareWrites(false) }
            followsPredecessor.store(false, ordering: .releasing)
            logger.notice("the process that was taken over from has ended")
        }
    }
}
