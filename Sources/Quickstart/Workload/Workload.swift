// The application: a few sessions at once, each on a queue of its own because its library blocks.
internal import Dispatch

/// A mixed workload under way.
final class Workload: Sendable {
    let record = WorkloadRecord()
    private let state = WorkloadState()
    private let account: ApplicationAccount
    private let group = DispatchGroup()

    init(_ account: ApplicationAccount) { self.account = account }

    /// Starts all sessions.
    func start() {
        for number in 1...QuickstartLimits.readers {
            run("reader.\(number)", number) { worker in worker.loop(Reader.step) }
        }
        for number in 1...QuickstartLimits.writers {
            run("writer.\(number)", number) { worker in
                let writer = Writer(number: number)
                worker.loop { writer.step($0) }
            }
        }
    }

    private func run(_ label: String, _ number: Int, _ work: @escaping @Sendable (Worker) -> Void) {
        DispatchQueue(label: "switchyard.quickstart.\(label)").async(group: group) { [account, state, record] in
            work(Worker(number: number, account: account, state: state, record: record))
        }
    }

    /// Lets each session end the operation it is at. False when one does not within its time.
    func finish() -> Bool {
        state.finish()
        return join()
    }

    /// From here on errors are expected, and nothing is tried again.
    func abort() { state.abort() }

    /// Waits until the sessions are gone.
    @discardableResult
    func join() -> Bool { group.wait(timeout: .now() + QuickstartLimits.joinSeconds) == .success }
}
