// Everything of one lane: its clusters and its doors. Touched only on the lane.
internal import Admin
internal import Frontend
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
    private var loggingIn: [Greeted] = []
    private var loggingInSweep = loggingInSweepMinimum
    private static let loggingInSweepMinimum = 256

    private struct Greeted {
        weak var client: ClientConnection?
    }

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

    /// Ends the clients of the console.
    func endConsoleClients() {
        for case let door as ConsoleDoor in doors.values { door.endAll() }
    }

    /// Ends clients that have not logged in, and sessions as soon as nothing runs in them.
    func drain() {
        for greeted in loggingIn {
            if let client = greeted.client, client.isLoggingIn { client.end() }
        }
        for cluster in clusters.values { cluster.drain() }
    }

    /// A client came to a listener; it lives here from now on. With `limit`, that many were there already.
    func accept(_ descriptor: Int32, peer: SocketAddress?, listener: Int, limit: Int?, onRefused: () -> Void) {
        guard let door = doors[listener],
            let stream = ByteStream.adopt(descriptor, on: lane, isInternet: peer?.isInternet ?? false)
        else { return onRefused() }
        if let limit {
            if door is ConsoleDoor { ConsoleDoor.refuse(stream) } else { ProxyDoor.refuse(stream, limit: limit) }
            return onRefused()
        }
        let client = ClientConnection(stream: stream, peer: peer, door: door)
        loggingIn.append(Greeted(client: client))
        // Those who are through are forgotten now and then; the others are bounded by the login timeout.
        if loggingIn.count >= loggingInSweep {
            loggingIn.removeAll { $0.client?.isLoggingIn != true }
            loggingInSweep = max(Self.loggingInSweepMinimum, loggingIn.count * 2)
        }
    }
}
