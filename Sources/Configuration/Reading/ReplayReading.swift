// The keys of a cluster that say what becomes of interrupted transactions.

extension ReplaySettings {
    static let keys = ["replay", "replay_limit", "replay_attempts", "retry_deadlocks"]
    /// Each session with an open transaction may take as much.
    private static let limitRange = (1 << 10)...(1 << 30)
    private static let attemptsRange = 1...100

    static func read(_ mapping: YAMLMapping) -> ReplaySettings {
        var replay = ReplaySettings()
        replay.isOn = mapping.optional("replay", replay.isOn) { $0.boolean() }
        replay.limitBytes = mapping.optional("replay_limit", replay.limitBytes) { $0.size(in: limitRange) }
        replay.attempts = mapping.integer("replay_attempts", replay.attempts, in: attemptsRange)
        replay.retriesDeadlocks = mapping.optional("retry_deadlocks", replay.retriesDeadlocks) { $0.boolean() }
        return replay
    }
}
