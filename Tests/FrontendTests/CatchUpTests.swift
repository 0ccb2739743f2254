// What waits teach about a replica.
import Testing

@testable import Frontend

@Suite struct CatchUpTests {
    @Test func `nothing is expected of an unknown replica but that it is there`() {
        #expect(CatchUp().expected(ageMilliseconds: 0, lag: nil, nowMilliseconds: 5) == 0)
    }

    @Test func `waits of 20 ms make 20 ms expected, and less for what is older`() {
        var replica = CatchUp()
        for time in 1...60 { replica.arrived(ageMilliseconds: 0, waited: 20, nowMilliseconds: UInt64(time)) }
        let expected = replica.expected(ageMilliseconds: 0, lag: nil, nowMilliseconds: 60)
        #expect((19.9...20.1).contains(expected))
        #expect(replica.expected(ageMilliseconds: 15, lag: nil, nowMilliseconds: 60) < 5.2)
        #expect(replica.expected(ageMilliseconds: 30, lag: nil, nowMilliseconds: 60) == 0)
    }

    @Test func `a wait in vain keeps others away, and is forgotten with time`() {
        var replica = CatchUp()
        replica.missed(ageMilliseconds: 0, waited: 50, nowMilliseconds: 1_000)
        #expect(replica.expected(ageMilliseconds: 0, lag: nil, nowMilliseconds: 1_000) == 100)
        #expect(replica.expected(ageMilliseconds: 0, lag: nil, nowMilliseconds: 1_999) > 50)
        #expect(replica.expected(ageMilliseconds: 0, lag: nil, nowMilliseconds: 2_000) == 50)
        #expect(replica.expected(ageMilliseconds: 0, lag: nil, nowMilliseconds: 1_000_000) == 0)
    }

    @Test func `a lag beyond what probes cannot tell counts`() {
        #expect(CatchUp().expected(ageMilliseconds: 0, lag: 999, nowMilliseconds: 5) == 0)
        #expect(CatchUp().expected(ageMilliseconds: 0, lag: 5_000, nowMilliseconds: 5) == 5_000)
        #expect(CatchUp().expected(ageMilliseconds: 4_990, lag: 5_000, nowMilliseconds: 5) == 10)
    }

    @Test func `what was there at once makes the expectation no longer`() {
        var replica = CatchUp()
        replica.arrived(ageMilliseconds: 900, waited: 0.2, nowMilliseconds: 10)
        #expect(replica.expected(ageMilliseconds: 0, lag: nil, nowMilliseconds: 10) == 0)
    }
}
