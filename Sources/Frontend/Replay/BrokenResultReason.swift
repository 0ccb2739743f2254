// Why a result that broke off was not gone on with.

/// The reason, as metrics name it.
package enum BrokenResultReason: String, CaseIterable, Sendable {
    /// The statement cannot be repeated, or what its session had was lost too.
    case notRepeatable = "not_repeatable"
    /// Repeated, it did not begin with what the client has.
    case differentResult = "different_result"
    /// Its transaction could not be repeated: the reason is counted there.
    case transaction
    /// No other node ran it to its end, or not in time, or somebody ended it.
    case failed
}
