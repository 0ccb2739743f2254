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

    /// A client came to a listener; it lives here from now on. With `limit`, that many were there already.
    func accept(_ descriptor: Int32, peer: SocketAddress?, listener: Int, limit: Int?, onRefused: () -> Void) {
        guard let door = doors[listener],
            let stream = ByteStream.adopt(descriptor, on: lane, isInternet: peer?.isInternet ?? false)
        else { return onRefused() }
        if let limit {
            if door is ConsoleDoor { ConsoleDoor.refuse(stream) } else { ProxyDoor.refuse(stream, limit: limit) }
            return onRefused()
        }
        _ = ClientConnection(stream: stream, peer: peer, door: door)
    }
}
