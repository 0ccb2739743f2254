// The old process's part of a hand-over: it starts the new one, serves until that one does, and drains.
internal import Configuration
internal import Frontend
internal import Glibc
internal import Logging
internal import Network
internal import Synchronization
internal import Telemetry
internal import Topology

/// Why this process goes on serving.
private struct HandOverFailure: Error {
    let description: String
    init(_ description: String) { self.description = description }
}

extension ProxyServer {
    /// Starts the program anew with the sockets of this process, and waits until it serves. True when it does: then this
    /// process has to `drain`. After false it serves as before, whatever the new one was; the log says why. Blocks.
    ///
    /// - Parameter mainProcessChanged: called with the new process's number when it serves, for those who watch over this one.
    package func giveOver(mainProcessChanged: (Int32) -> Void) -> Bool {
        guard handOver.begin() else {
            logger.notice("hand-over not begun: one is under way, or this process ends")
            return false
        }
        defer { handOver.attemptEnded() }
        // A change of settings that is being made may open and close sockets. No other begins.
        changing.withLock { _ in }
        var started: Successor?
        do throws(HandOverFailure) {
            if let obstacle { throw HandOverFailure(obstacle) }
            let successor = try startSuccessor()
            started = successor
            guard handOver.started(successor) else { throw HandOverFailure("this process was told to end") }
            try awaitReady(successor)
            try give(to: successor)
            logger.notice("handed over", metadata: ["process": "\(successor.pid)"])
            mainProcessChanged(successor.pid)
            return true
        } catch {
            for cluster in clusters { cluster.link.shareWrites(followsPredecessor.load(ordering: .acquiring)) }
            started?.end()
            handOver.fail()
            logger.error("hand-over failed, this process goes on serving: \(error.description)")
            return false
        }
    }

    /// This process was told to end. A new one that does not serve yet is ended. Returns whether another one serves.
    package func abandonHandOver() -> Bool { handOver.abandon() }

    /// What the new process would not know, or could not survive; nil when there is nothing.
    private var obstacle: String? {
        if getpid() == 1 {
            return "this is the first process of its container, which ends with it: replace the container"
        }
        if followsPredecessor.load(ordering: .acquiring) {
            return "the process that this one took over from has not ended yet"
        }
        for cluster in clusters {
            if cluster.watcher.currentTable.isPaused {
                return
                    "cluster '\(cluster.name)' is paused, of which the new process would know nothing: resume it first"
            }
            if let node = cluster.watcher.members.first(where: \.isDraining) {
                return
                    "node '\(node.name)' is drained, of which the new process would know nothing: enable it first, or "
                    + "give it the weight 0 in the settings"
            }
        }
        return nil
    }

    private func startSuccessor() throws(HandOverFailure) -> Successor {
        guard let program = handOver.program else { throw HandOverFailure("the program's own file is not known") }
        var sockets = listeners.withLock { $0 }.map { (name: InheritedNames.listener($0.name), listener: $0.listener) }
        if let front = http.withLock({ $0 }) { sockets.append((name: InheritedNames.http, listener: front.listener)) }
        tellLostSettings()
        do throws(SpawnError) {
            let successor = try Successor.start(
                program, listeners: sockets, omitting: ServiceNotifier.ownVariables)
            logger.notice(
                "hand-over begun", metadata: ["process": "\(successor.pid)", "program": "\(program.path)"])
            return successor
        } catch {
            throw HandOverFailure(error.description)
        }
    }

    /// The new process reads the file: what only the console said ends with this one.
    private func tellLostSettings() {
        let lost = ledger.withLock { $0 }.current.document?.assignments.map(\.path.description) ?? []
        guard !lost.isEmpty else { return }
        let told = Set(lost).sorted().prefix(HandOverLimits.toldSettings).joined(separator: ", ")
        logger.warning(
            "settings that only the console knows are not handed over", metadata: ["settings": "\(told)"])
    }

    private func awaitReady(_ successor: Successor) throws(HandOverFailure) {
        guard case .ready(let unserved) = try hear(successor, HandOverLimits.readyMilliseconds, "is not ready") else {
            throw HandOverFailure("the new process said something else than that it is ready")
        }
        // A cluster that fails is no reason to keep the old program; one that only the new process cannot reach is.
        let worse = Set(unserved).intersection(clusters.map(\.name)).subtracting(unservedClusters).sorted()
        guard worse.isEmpty else {
            throw HandOverFailure(
                "the new process finds no primary, or no accounts, of what this one serves: "
                    + worse.joined(separator: ", "))
        }
        if let obstacle { throw HandOverFailure(obstacle) }
    }

    private func give(to successor: Successor) throws(HandOverFailure) {
        // Before the other one acknowledges a write.
        for cluster in clusters { cluster.link.shareWrites(true) }
        guard handOver.commit() else { throw HandOverFailure("this process was told to end") }
        successor.channel.say(HandOverWords.go(newestID: connectionIDs.newest).line)
        guard case .serving = try hear(successor, HandOverLimits.servingMilliseconds, "does not serve") else {
            throw HandOverFailure("the new process said something else than that it serves")
        }
    }

    private func hear(
        _ successor: Successor, _ milliseconds: Int, _ fault: String
    ) throws(HandOverFailure) -> HandOverWords {
        switch successor.channel.hear(withinMilliseconds: milliseconds) {
        case .line(let line):
            guard let words = HandOverWords(line) else {
                throw HandOverFailure("the new process said something that is not understood")
            }
            return words
        case .timedOut: throw HandOverFailure("the new process \(fault) after \(milliseconds) ms")
        case .closed:
            let end = successor.waitForEnd(milliseconds: HandOverLimits.endMilliseconds) ?? "it does not talk any more"
            throw HandOverFailure("the new process failed (\(end)); what it wrote is above")
        }
    }
}
