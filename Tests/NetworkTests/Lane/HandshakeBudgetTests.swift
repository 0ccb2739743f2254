// Handshakes among the other work of a lane.
import Testing

@testable import Network

/// What happened on a lane, in its order. Lane-confined, hence unchecked.
private final class Diary: @unchecked Sendable {
    var steps: [String] = []
    /// Steps made before each turn.
    var turns: [Int] = []
}

private final class Handshake: HandshakeWork {
    private let diary: Diary
    private let name: String
    private let isGone: Bool

    init(_ diary: Diary, _ name: String, isGone: Bool = false) {
        self.diary = diary
        self.name = name
        self.isGone = isGone
    }

    func runHandshakeStep() -> Bool {
        if !isGone { diary.steps.append(name) }
        return !isGone
    }
}

/// Another session's work: comes again in each turn of the lane.
private final class OtherWork: DeferredWork {
    private let lane: Lane
    private let diary: Diary
    private let wanted: Int

    init(_ lane: Lane, _ diary: Diary, until wanted: Int) {
        self.lane = lane
        self.diary = diary
        self.wanted = wanted
    }

    func runSoon() {
        diary.turns.append(diary.steps.count)
        if diary.steps.count < wanted { lane.soon(self) }
    }
}

@Suite struct HandshakeBudgetTests {
    private static let budget = NetworkLimits.handshakeStepsPerTurn

    @Test func `a thousand handshakes at once leave each turn to the others after a few steps`() async {
        let lane = Lane.started()
        defer { lane.stop() }
        let diary = Diary()
        await lane.run {
            lane.soon(OtherWork(lane, diary, until: 1_000))
            for _ in 0..<1_000 { lane.handshakeSoon(Handshake(diary, "a"), of: "10.0.0.1") }
        }
        await lane.expectEventually { diary.turns.last == 1_000 }
        await lane.expect { zip(diary.turns, diary.turns.dropFirst()).allSatisfy { $1 - $0 <= Self.budget } }
    }

    @Test func `another address's handshake goes on in the next turn, and the proxy's own too`() async {
        let lane = Lane.started()
        defer { lane.stop() }
        let diary = Diary()
        await lane.run {
            for _ in 0..<1_000 { lane.handshakeSoon(Handshake(diary, "flood"), of: "10.0.0.1") }
            lane.handshakeSoon(Handshake(diary, "other"), of: "10.0.0.2")
            lane.handshakeSoon(Handshake(diary, "node"), of: "")
        }
        await lane.expectEventually { diary.steps.count == 1_002 }
        await lane.expect { diary.steps.prefix(3) == ["flood", "other", "node"] }
    }

    @Test func `handshakes of connections that are gone cost no turn`() async {
        let lane = Lane.started()
        defer { lane.stop() }
        let diary = Diary()
        await lane.run {
            for _ in 0..<100 { lane.handshakeSoon(Handshake(diary, "gone", isGone: true), of: "a") }
            lane.handshakeSoon(Handshake(diary, "here"), of: "a")
            lane.soon(OtherWork(lane, diary, until: 1))
        }
        await lane.expectEventually { diary.turns.last == 1 }
        await lane.expect { diary.turns.count <= 2 }
    }
}
