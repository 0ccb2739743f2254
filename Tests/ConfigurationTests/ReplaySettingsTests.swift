// What settings say of interrupted transactions.

import Testing

@testable import Configuration

@Suite struct ReplaySettingsTests {
    private func cluster(_ keys: String) -> String { changed("    monitor:", to: keys + "    monitor:") }

    @Test func `transactions are replayed unless the settings say otherwise`() throws {
        let usual = try #require(try parse(minimalText).clusters.first).replay
        #expect(usual.isOn && usual.limitBytes == 1_048_576 && usual.attempts == 3 && !usual.retriesDeadlocks)
        let off = try #require(try parse(cluster("    replay: off\n")).clusters.first).replay
        #expect(!off.isOn && off.limitBytes == usual.limitBytes)
    }

    @Test func `bounds that cannot be are refused`() {
        let found = problems(
            cluster("    replay: maybe\n    replay_limit: 1B\n    replay_attempts: 0\n    retry_deadlocks: 3\n"))
        #expect(found.count == 4, "\(found)")
        for (problem, key) in zip(found, ["replay", "replay_limit", "replay_attempts", "retry_deadlocks"]) {
            #expect(problem.contains("clusters[0].\(key):"), "\(problem)")
        }
    }

    @Test func `a changed bound is a difference that needs no restart`() throws {
        let changes = SettingsDifference.between(
            try parse(minimalText), try parse(cluster("    replay_limit: 2MiB\n    retry_deadlocks: on\n")))
        #expect(changes.map(\.path) == ["clusters[main].replay_limit", "clusters[main].retry_deadlocks"])
        #expect(changes.allSatisfy { !$0.requiresRestart })
    }
}
