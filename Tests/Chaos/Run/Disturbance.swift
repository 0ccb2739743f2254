// What the nemesis did in one round.

import ChaosChecker
import LocalCluster

/// One disturbance: what, when, and what it left behind.
struct Disturbance {
    /// For people.
    var text: String
    /// Monotonic seconds: when the first node felt it.
    var began: Double
    /// The node that was opened, and when; nil when none was.
    var opened: (server: Int, times: PromotionTimes)?
    /// What clients waited for when a primary went without a word.
    var inFlight: InFlight.Count?
    /// The old primary of an unplanned promotion, and what its successor had before it was opened.
    var left: (index: Int, survivor: LedgerRows)?
}
