// What a KILL that did not do its work says of itself.
import Testing

@testable import Backend
@testable import Frontend

@Suite struct ServerThreadKillerTests {
    @Test func `a KILL that is given up before it was sent does not come late`() {
        var failures: [KillFailure?] = []
        let killer = ServerThreadKiller(
            threadID: 7, origin: ConnectionOrigin(), isQueryOnly: true, now: 0, isStillWanted: { true }
        ) { failures.append($0) }
        killer.giveUp("no room")
        killer.giveUp("told once")
        #expect(failures == [KillFailure(text: "no room")])
        #expect(failures.first??.mayComeLate == false)
    }
}
