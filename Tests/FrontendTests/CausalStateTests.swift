// What a session knows of what its reads must see, and what a client may let them wait for.
import Testing
import Wire

@testable import Frontend

@Suite struct CausalStateTests {
    @Test func `a commit bounds what was seen before it`() {
        var state = CausalState()
        state.readOnReplica(2, nowMilliseconds: 5)
        #expect(state.lastReader == 2 && state.sightIsOpen)
        state.committed(boundsAll: false, nowMilliseconds: 6)
        #expect(state.lastReader == 2)
        state.committed(boundsAll: true, nowMilliseconds: 7)
        #expect(!state.sightIsOpen)
    }

    @Test func `what was read on the primary is unknown until it tells its position`() throws {
        var state = CausalState()
        state.readOnReplica(1, nowMilliseconds: 1)
        state.readOnPrimary()
        #expect(state.sawPrimary && state.lastReader == nil)
        state.primaryTold(try Position.parse("0-1-5", flavor: .mariaDB), nowMilliseconds: 9)
        #expect(!state.sightIsOpen)
    }

    @Test func `what is awaited and the primary does not have is lost`() throws {
        var state = CausalState()
        state.wait(for: try Position.parse("0-1-5", flavor: .mariaDB), nowMilliseconds: 1)
        state.wait(for: try Position.parse("1-1-2", flavor: .mariaDB), nowMilliseconds: 1)
        #expect(state.awaited == (try Position.parse("0-1-5,1-1-2", flavor: .mariaDB)))
        state.primaryTold(try Position.parse("0-1-9,1-1-2", flavor: .mariaDB), nowMilliseconds: 2)
        #expect(state.awaited != nil)
        state.primaryTold(try Position.parse("0-1-9", flavor: .mariaDB), nowMilliseconds: 2)
        #expect(state.awaited == nil)
    }

    @Test func `what is waited for altogether has a bound, however small its parts are`() throws {
        var state = CausalState()
        var accepted = 0
        for domain in 1...10_000 {
            let position = try Position.parse("\(domain)-1-1", flavor: .mariaDB)
            guard state.mayWait(for: position) else { break }
            state.wait(for: position, nowMilliseconds: 1)
            accepted += 1
        }
        let bytes = state.awaited?.description.utf8.count ?? 0
        #expect(accepted > 100 && accepted < 10_000)
        #expect(bytes <= FrontendLimits.awaitedPositionBytes && bytes > FrontendLimits.awaitedPositionBytes - 20)
        // What is covered already makes it no longer.
        let (known, other) = (
            try Position.parse("1-1-9", flavor: .mariaDB), try Position.parse("99999-1-1", flavor: .mariaDB)
        )
        #expect(state.mayWait(for: known) && !state.mayWait(for: other))
        state.stopWaiting()
        #expect(state.mayWait(for: other))
    }

    @Test func `a position says how many sources it names`() throws {
        #expect(try Position.parse("0-1-5,3-1-7", flavor: .mariaDB).sourceCount == 2)
        let uuid = "3e11fa47-71ca-11e1-9e33-c80aa942956"
        #expect(try Position.parse("\(uuid)1:1-5,\(uuid)2:1-3:7", flavor: .mySQL).sourceCount == 2)
    }
}
