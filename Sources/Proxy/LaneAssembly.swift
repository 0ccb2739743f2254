// Everything of one lane: its clusters and its doors. Touched only on the lane.
internal import Admin
internal import Frontend
internal import Glibc
internal import Network
internal import Topology

/// One lane with what lives on it.
///
/// `@unchecked Sendable` because its state is touched only in closures that `onLane` runs on the lane.
final class LaneAssembly: @unchecked Sendable {
    let lane: Lane
    private var clusters: [String: LaneCluster] = [:]
    private var doors: [Int: any FrontDoor] = [:]
    /// Clients that were greeted, by the last look.
    private var loggingIn: [GreetedClient] = []
    private var loggingInSweep = loggingInSweepMinimum
    private static let loggingInSweepMinimum = 256
    /// Listeners that are gone, and until when their sessions may go on, in lane milliseconds.
    private var leaving: [(listener: Int, deadline: UInt64)] = []
    private var sweepsLeaving = false

    init(lane: Lane) { self.lane = lane }

    /// Runs `work` on the lane.
    func onLane(_ work: @escaping @Sendable (LaneAssembly) -> Void) {
        lane.post { [self] in work(self) }
    }

    // MARK: On the lane

    func addCluster(_ cluster: LaneCluster) { clusters[cluster.link.name] = cluster }
    func cluster(_ name: String) -> LaneCluster? { clusters[name] }
    var allClusters: [LaneCluster] { Array(clusters.values) }
    func addDoor(_ door: any FrontDoor, listener: Int) { doors[listener] = door }

    /// The door of a listener that is gone: clients that still log in end, sessions as soon as nothing runs in them, and
    /// whatever they do when time is up.
    func removeDoor(listener: Int, drainMilliseconds: UInt64) {
        guard doors.removeValue(forKey: listener) != nil else { return }
        leaving.append((listener, lane.nowMilliseconds + drainMilliseconds))
        endLoggingIn { $0.listener == listener }
        drainLeaving(lane.nowMilliseconds)
        guard !sweepsLeaving else { return }
        sweepsLeaving = true
        lane.addSweeper { [weak self] in self?.drainLeaving($0) }
    }

    private func drainLeaving(_ now: UInt64) {
        leaving.removeAll { listener, deadline in
            let left = clusters.values.reduce(0) { $0 + $1.drain(listener: listener) }
            if left > 0 && now >= deadline { for cluster in clusters.values { cluster.end(listener: listener) } }
            return left == 0 || now >= deadline
        }
    }

    /// For logins to the console that begin from now on.
    func adoptConsole(_ tls: ClientTLS, loginTimeoutMilliseconds: UInt64) {
        for case let door as ConsoleDoor in doors.values {
            door.adopt(tls: tls, loginTimeoutMilliseconds: loginTimeoutMilliseconds)
        }
    }

    private func endLoggingIn(where mustEnd: (ClientConnection) -> Bool) {
        for greeted in loggingIn {
            if let client = greeted.client, mustEnd(client) { client.end() }
        }
    }

    /// Ends the clients of the console.
    func endConsoleClients() {
        for case let door as ConsoleDoor in doors.values { door.endAll() }
    }

    /// Ends clients that have not logged in, and sessions as soon as nothing runs in them. Where another process has taken
    /// over, those who log in may do so (they were accepted here), and those of the console go there.
    func drain(isHandedOver: Bool) {
        if isHandedOver { endConsoleClients() } else { endLoggingIn { _ in true } }
        for cluster in clusters.values { cluster.drain(sparingNewcomers: isHandedOver) }
    }

    /// A client came to a listener; it lives here from now on. With `limit`, that many were there already.
    func accept(_ descriptor: Int32, peer: SocketAddress?, listener: Int, limit: Int?, onRefused: () -> Void) {
        guard let door = doors[listener] else {
            // The listener went while the client came.
            Glibc.close(descriptor)
            return onRefused()
        }
        guard let stream = ByteStream.adopt(descriptor, on: lane, isInternet: peer?.isInternet ?? false) else {
            return onRefused()
        }
        if let limit {
            if door is ConsoleDoor {
                ConsoleDoor.refuse(stream)
            } else {
                ProxyDoor.refuse(stream, peer: peer, limit: limit, errors: door.services.errors)
            }
            return onRefused()
        }
        let client = ClientConnection(stream: stream, peer: peer, door: door)
        loggingIn.append(client.asGreeted())
        // Those who are through are forgotten now and then; the others are bounded by the login timeout.
        if loggingIn.count >= loggingInSweep {
            loggingIn.removeAll { $0.client == nil }
            loggingInSweep = max(Self.loggingInSweepMinimum, loggingIn.count * 2)
        }
    }
}
