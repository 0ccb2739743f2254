package final class FailoverCounters: Sendable {
    func writeRetried() {}
    func transactionReplayed() {}
    func replayRefused(_ reason: ReplayRefusal) {}
}
