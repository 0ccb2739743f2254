// Questions to all lanes of a cluster: whose session is this, and who is there at all?
internal import Network
internal import Synchronization

/// Every lane's part of one cluster. Any thread may add; who asks is on a lane and hears the answers there.
///
/// Nothing blocks: the work is posted to each lane, and the last lane to answer posts all answers back.
package final class ClusterLanes: Sendable {
    private let lanes = Mutex<[LaneReference]>([])

    /// No lanes yet.
    package init() {}

    func add(_ cluster: LaneCluster) { lanes.withLock { $0.append(LaneReference(cluster)) } }

    /// Runs `work` on the lane with this number.
    func tell(_ number: Int, _ work: @escaping @Sendable (LaneCluster) -> Void) {
        for reference in lanes.withLock({ $0 }) where reference.lane.number == number { reference.run(work) }
    }

    /// Runs `work` on all lanes but one.
    func tellOthers(than lane: Lane, _ work: @escaping @Sendable (LaneCluster) -> Void) {
        for reference in lanes.withLock({ $0 }) where reference.lane !== lane { reference.run(work) }
    }

    /// Runs `work` on each lane; each calls its second argument once, on its lane, when it has its answer. `then` runs on
    /// the asker's lane with all answers.
    func ask<Answer: Sendable>(
        from lane: Lane, _ work: @escaping @Sendable (LaneCluster, @escaping (Answer) -> Void) -> Void,
        then: @escaping ([Answer]) -> Void
    ) {
        let asked = lanes.withLock { $0 }
        // `nonisolated(unsafe)` because it is called on the asker's own lane only.
        nonisolated(unsafe) let then = then
        let gathering = Gathering<Answer>(outstanding: asked.count) { answers in lane.post { then(answers) } }
        for reference in asked {
            reference.lane.post {
                guard let cluster = reference.cluster else { return gathering.answered(nil) }
                work(cluster) { gathering.answered($0) }
            }
        }
    }
}

/// A cluster's part on a lane, from elsewhere.
///
/// `@unchecked Sendable` because `cluster` is read only by what was posted to `lane`.
private final class LaneReference: @unchecked Sendable {
    let lane: Lane
    private(set) weak var cluster: LaneCluster?

    init(_ cluster: LaneCluster) {
        lane = cluster.lane
        self.cluster = cluster
    }

    func run(_ work: @escaping @Sendable (LaneCluster) -> Void) {
        lane.post { [self] in
            if let cluster { work(cluster) }
        }
    }
}

/// Answers on their way from several lanes to one.
private final class Gathering<Answer: Sendable>: Sendable {
    private struct State {
        var answers: [Answer] = []
        var outstanding: Int
    }

    private let state: Mutex<State>
    private let done: @Sendable ([Answer]) -> Void

    init(outstanding: Int, done: @escaping @Sendable ([Answer]) -> Void) {
        state = Mutex(State(outstanding: outstanding))
        self.done = done
    }

    func answered(_ answer: Answer?) {
        let all: [Answer]? = state.withLock { state in
            if let answer { state.answers.append(answer) }
            state.outstanding -= 1
            return state.outstanding == 0 ? state.answers : nil
        }
        if let all { done(all) }
    }
}
