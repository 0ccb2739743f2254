// Nodes to which no connection can be made: sessions do not each wait for the connect timeout, one attempt is made for all.
internal import Topology
internal import Wire

extension ServerPool {
    /// Why no connection is to be tried now; nil when one may be.
    ///
    /// While a circuit is open, attempts are made by `tryUnreachable`. A session makes one when nobody has: no lane may
    /// know for whom to try.
    func refusal(at entry: RoutingEntry) -> String? {
        let mayTry = entry.load.health.mayConnect(
            nowMilliseconds: nowMilliseconds, graceMilliseconds: HealthLimits.connectAgainGraceMilliseconds)
        return mayTry
            ? nil
            : "connections to it failed \(HealthLimits.connectFailuresInARow) times in a row; one is tried every "
                + "\(HealthLimits.connectAgainMilliseconds) ms"
    }

    /// Notes how an attempt to connect ended that failed.
    func noteConnectFailure(_ connection: ServerConnection, _ failure: ServerFailure) {
        switch failure {
        case .unreachable:
            connection.load.connectFailed(nowMilliseconds: nowMilliseconds)
            // With the client's address in it, nobody else can use such a connection.
            if settings.proxyHeader == nil { lastFailed[connection.entry.id] = connection.key }
        // An answer, even if it is no.
        case .refused, .loginUnsupported: connection.load.loginAnswered()
        case .stateRefused, .lost, .nonsense: break
        }
    }

    /// Tries one connection to each node whose circuit is open and whose next attempt is due, like the last one that
    /// failed. When it succeeds it idles in the pool, and the circuit is closed. About every sweep of the lane.
    func tryUnreachable() {
        guard !lastFailed.isEmpty, let table else { return }
        for (node, key) in lastFailed {
            guard let entry = table.entry(node), entry.load.health.isCircuitOpen else {
                lastFailed[node] = nil
                continue
            }
            guard isUsable(entry, in: table), entry.load.health.mayConnect(nowMilliseconds: nowMilliseconds),
                settings.budget.reserve(
                    entry.load, user: key.account.user, nodeLimit: settings.connectionsPerNode, beyond: 0) == nil
            else { continue }
            _ = start(key, entry, table.epoch, Attempt())
        }
    }

    /// A node that is down is tried by its probes. One that gets no statements needs no connection.
    private func isUsable(_ entry: RoutingEntry, in table: RoutingTable) -> Bool {
        entry.state != .down && (entry.acceptsReads || table.primaryIndex == entry.id.index)
    }
}

/// The user of a connection that is tried for nobody in particular: the pool has it as soon as it is ready.
private final class Attempt: ErrandUser {
    func serverSynchronized(_ server: ServerConnection) { server.release() }
    // The pool has noted it.
    func serverFailed(_ server: ServerConnection, _ failure: ServerFailure) {}
}
