// Who waits is counted by number and by bytes.
import Testing

@testable import Frontend

@Suite struct ClusterCountersTests {
    @Test func `statements wait while they are few and short, and a refused one leaves nothing behind`() {
        let counters = ClusterCounters()
        func reserve(_ bytes: Int) -> Bool { counters.reserveWaiting(limit: 3, bytes: bytes, byteLimit: 100) }
        #expect(reserve(60) && !reserve(41) && reserve(40))
        #expect(counters.waitingStatements == 2)
        #expect(!reserve(1) && reserve(0))
        // Too many, whatever their size.
        #expect(!reserve(0))
        counters.waitingEnded(bytes: 60)
        #expect(counters.waitingStatements == 2)
        #expect(!reserve(61) && reserve(60))
    }
}
