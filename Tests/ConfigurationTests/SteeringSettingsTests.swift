// What listeners and users say of hints, lag and time.

import Testing

@testable import Configuration

@Suite struct SteeringSettingsTests {
    private let end = "\npolicies:\n"

    @Test func `a listener has bounds of its own`() throws {
        let text = changed(
            "cluster: main}", to: "cluster: main, hints: no, max_lag: 2s, min_readers: 1, timeout: 1m}")
        let listener = try #require(try parse(text).listeners.first)
        #expect(!listener.hints)
        #expect(listener.maxLagMilliseconds == 2_000)
        #expect(listener.minReaders == 1)
        #expect(listener.timeoutMilliseconds == 60_000)
    }

    @Test func `a policy is of one user, and says as much as it wants`() throws {
        let text =
            minimalText + end
            + "  - {user: reports, mode: replica, max_lag: 1m, timeout: 30s}\n  - {user: app, timeout: 0}\n"
        var reports = PolicySettings(user: "reports")
        reports.mode = .replica
        reports.maxLagMilliseconds = 60_000
        reports.timeoutMilliseconds = 30_000
        var app = PolicySettings(user: "app")
        app.timeoutMilliseconds = 0
        #expect(try parse(text).policies == [reports, app])
    }

    @Test func `mistakes in policies are named`() {
        let found = problems(
            minimalText + end + "  - {user: a, mode: both}\n  - {user: a}\n  - {mode: split}\n  - {user: b, lag: 1s}\n")
        #expect(found.count == 4, "\(found)")
        for (problem, word) in zip(found, ["mode", "already named", "missing key 'user'", "lag"]) {
            #expect(problem.contains("policies") && problem.contains(word), "\(problem)")
        }
    }

    @Test func `a policy that changed is a difference`() throws {
        let one = try parse(minimalText + end + "  - {user: a, timeout: 1s}\n")
        let two = try parse(minimalText + end + "  - {user: a, timeout: 2s}\n")
        #expect(SettingsDifference.between(one, two).map(\.path) == ["policies[a].timeout"])
    }
}
