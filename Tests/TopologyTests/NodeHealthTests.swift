// Failures in a row, the circuit that stops connecting, and the share of reads after an ejection.
import Testing

@testable import Topology

@Suite struct NodeHealthTests {
    private let load = NodeLoad()
    private var health: NodeHealth { load.health }

    private func failToConnect(_ times: Int = HealthLimits.connectFailuresInARow, at now: UInt64) {
        for _ in 0..<times { load.connectFailed(nowMilliseconds: now) }
    }

    @Test func `failures count until an answer comes, whatever it is`() {
        for _ in 0..<3 {
            load.began()
            load.failed()
        }
        load.connectFailed(nowMilliseconds: 1)
        #expect(health.failuresInARow == 4)
        #expect(load.errors == 4)
        load.began(isWrite: true)
        load.finished(latencyNanoseconds: 1, isRead: false)
        #expect(health.failuresInARow == 0)
        #expect(load.inFlight == 0)
    }

    @Test func `a client that goes away says nothing of the node`() {
        load.began()
        load.failed()
        load.began()
        load.abandoned()
        #expect(health.failuresInARow == 1)
    }

    @Test func `before the circuit opens everybody may connect`() {
        failToConnect(HealthLimits.connectFailuresInARow - 1, at: 10)
        #expect(!health.isCircuitOpen)
        #expect((0..<10).allSatisfy { _ in health.mayConnect(nowMilliseconds: 10) })
    }

    @Test func `while it is open one may connect in each period`() {
        failToConnect(at: 5_000)
        #expect(health.isCircuitOpen && health.circuitOpenings == 1)
        #expect(!health.mayConnect(nowMilliseconds: 5_999))
        #expect((0..<10).count { _ in health.mayConnect(nowMilliseconds: 6_000) } == 1)
        #expect((0..<10).count { _ in health.mayConnect(nowMilliseconds: 6_999) } == 0)
        #expect((0..<10).count { _ in health.mayConnect(nowMilliseconds: 7_000) } == 1)
    }

    @Test func `whoever waits for the grace goes when nobody else has`() {
        failToConnect(at: 5_000)
        #expect(!health.mayConnect(nowMilliseconds: 6_249, graceMilliseconds: 250))
        #expect(health.mayConnect(nowMilliseconds: 6_250, graceMilliseconds: 250))
        #expect(!health.mayConnect(nowMilliseconds: 6_251))
    }

    @Test func `a failed attempt puts the next one off, and opens nothing anew`() {
        failToConnect(at: 5_000)
        failToConnect(1, at: 8_000)
        #expect(health.circuitOpenings == 1)
        #expect(!health.mayConnect(nowMilliseconds: 8_999))
        #expect(health.mayConnect(nowMilliseconds: 9_000))
    }

    @Test func `an answered login closes it, and so many failures are needed again`() {
        failToConnect(at: 0)
        #expect(health.isCircuitOpen)
        load.loginAnswered()
        #expect(!health.isCircuitOpen && health.mayConnect(nowMilliseconds: 1))
        failToConnect(HealthLimits.connectFailuresInARow - 1, at: 2)
        #expect(!health.isCircuitOpen)
        failToConnect(1, at: 2)
        #expect(health.isCircuitOpen && health.circuitOpenings == 2)
    }

    @Test func `a node that was never ejected gets its whole share`() {
        #expect(health.readSharePercent(nowMilliseconds: 0) == 100)
        #expect(health.remark(nowMilliseconds: 0) == nil)
    }

    @Test func `the share is nothing, then a little, then grows to the whole`() {
        health.eject(untilMilliseconds: 1_000)
        #expect(health.ejections == 1)
        let shares = [0, 999, 1_000, 1_500, 6_000, 10_999, 11_000, 99_000].map {
            health.readSharePercent(nowMilliseconds: $0)
        }
        #expect(shares == [0, 0, 10, 10, 50, 99, 100, 100])
        #expect(health.remark(nowMilliseconds: 400) == "ejected for 600 ms more")
        #expect(health.remark(nowMilliseconds: 6_000) == "back from an ejection: 50 % of its reads")
        health.endEjection()
        #expect(health.readSharePercent(nowMilliseconds: 0) == 100)
    }
}
