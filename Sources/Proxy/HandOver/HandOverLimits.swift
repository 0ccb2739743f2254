// The times of a hand-over from one process to another.

/// Bounds of a restart in which clients are not lost.
package enum HandOverLimits {
    /// For how long a new process, which listens already, waits for what it must know of its clusters. What it does not know
    /// then it says, and the old one decides.
    package static let firstTableMilliseconds = 10_000
    /// What it may take altogether until it is ready; then it is ended, and the old process goes on. Names are looked up, and
    /// certificates read, in this time.
    package static let readyMilliseconds = 30_000
    /// The time between the permission to serve and its use. A process that stands still for as long is given up.
    package static let servingMilliseconds = 5_000
    /// For how long the end of a new process is waited for that has closed its end of the talk.
    static let endMilliseconds = 1_000
    /// For how long an end of the old process waits for a hand-over that it breaks off.
    static let abandonMilliseconds = 10_000
    /// Between two looks at what is known of the clusters.
    static let lookMilliseconds = 20
    /// Settings that only the console knows, as they are told in one line of the log.
    static let toldSettings = 20
}
