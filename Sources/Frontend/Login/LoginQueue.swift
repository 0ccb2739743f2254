// Logins that wait for a thread: bounded, and shared fairly among the addresses they come from.
internal import Network

/// A bounded queue in which addresses take turns. One address has at most its share of the places; when all are taken,
/// the address that has the most gives one to who has fewer.
struct LoginQueue<Job> {
    /// What became of a job.
    enum Outcome {
        case waits
        /// It waits in the place of this one, which gets none.
        case displaces(Job)
        /// There is no place for it.
        case refused
    }

    private var jobs = FairQueue<String, Job>()
    private let limit: Int
    private let share: Int

    /// - Parameters:
    ///   - limit: all places.
    ///   - share: those of one address.
    init(limit: Int, share: Int) {
        self.limit = limit
        self.share = share
    }

    mutating func add(_ job: Job, of address: String) -> Outcome {
        let held = jobs.count(of: address)
        guard held < share else { return .refused }
        guard jobs.count >= limit else {
            jobs.append(job, of: address)
            return .waits
        }
        guard let displaced = jobs.removeLast(ofLongerThan: held + 1) else { return .refused }
        jobs.append(job, of: address)
        return .displaces(displaced)
    }

    /// The job whose turn it is.
    mutating func next() -> Job? { jobs.next() }

    /// Jobs that wait.
    var count: Int { jobs.count }
}
