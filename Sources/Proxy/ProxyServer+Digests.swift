// Digests: gathered from the lanes when somebody asks, and forgotten when an admin says so.
internal import Admin
internal import Dispatch
internal import Frontend
internal import Logging
internal import Synchronization

extension ProxyServer {
    /// The digests of all lanes. The lanes only copy bytes; a lane that does not answer within a second is left out.
    func digests() -> [DigestRecord] {
        let gathered = GatheredDigests()
        let done = DispatchGroup()
        for assembly in lanes {
            done.enter()
            assembly.onLane { assembly in
                for cluster in assembly.allClusters { gathered.add(cluster.copyDigests()) }
                done.leave()
            }
        }
        _ = done.wait(timeout: .now() + .seconds(1))
        return DigestRecord.merged(gathered.all.flatMap(\.records))
    }

    /// Forgets them on all lanes that answer within a second; how many those are.
    func resetDigests(for admin: ConsoleSession) -> Int {
        let answered = CountedLanes()
        let done = DispatchGroup()
        for assembly in lanes {
            done.enter()
            assembly.onLane { assembly in
                for cluster in assembly.allClusters { cluster.resetDigests() }
                answered.add()
                done.leave()
            }
        }
        _ = done.wait(timeout: .now() + .seconds(1))
        log("console: digests reset", admin, ["lanes": "\(answered.count)"])
        return answered.count
    }
}

/// Copies on their way from several lanes to one reader.
private final class GatheredDigests: Sendable {
    private let copies = Mutex<[LaneDigests]>([])
    func add(_ copy: LaneDigests) { copies.withLock { $0.append(copy) } }
    var all: [LaneDigests] { copies.withLock { $0 } }
}

/// Lanes that have answered.
private final class CountedLanes: Sendable {
    private let number = Atomic<Int>(0)
    var count: Int { number.load(ordering: .relaxed) }
    func add() { number.add(1, ordering: .relaxed) }
}
