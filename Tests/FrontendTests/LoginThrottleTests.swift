// Addresses that are refused for a while, and those that are not.
import Testing

@testable import Frontend

@Suite struct LoginThrottleTests {
    private static func throttle(_ failures: Int = 3, trusted: [String] = [], limit: Int = 100) -> LoginThrottle {
        LoginThrottle(
            LoginThrottleSettings(
                failures: failures, windowMilliseconds: 1_000, refusalMilliseconds: 5_000, trusted: trusted),
            limit: limit)
    }

    /// Fails so often, and returns what each failure said.
    private static func fail(
        _ throttle: LoginThrottle, _ address: String, _ times: Int, at now: UInt64 = 0, user: String = "app"
    ) -> [Bool] {
        (0..<times).map { _ in throttle.failed(address, user: user, nowMilliseconds: now) }
    }

    @Test func `the last failure of several begins a refusal, which ends`() {
        let throttle = Self.throttle()
        #expect(Self.fail(throttle, "10.0.0.1", 3) == [false, false, true])
        #expect(throttle.refusedSeconds("10.0.0.1", nowMilliseconds: 0) == 5)
        #expect(throttle.refusedSeconds("10.0.0.1", nowMilliseconds: 4_999) == 1)
        #expect(throttle.refusedSeconds("10.0.0.1", nowMilliseconds: 5_000) == nil)
        #expect(throttle.refusedSeconds("10.0.0.2", nowMilliseconds: 0) == nil)
    }

    @Test func `failures of another time do not add up`() {
        let throttle = Self.throttle()
        _ = Self.fail(throttle, "10.0.0.1", 2)
        #expect(Self.fail(throttle, "10.0.0.1", 2, at: 1_000) == [false, false])
        #expect(Self.fail(throttle, "10.0.0.1", 1, at: 1_999) == [true])
    }

    @Test func `a refusal outlasts the window, whatever else fails`() {
        let throttle = Self.throttle()
        #expect(Self.fail(throttle, "10.0.0.1", 3) == [false, false, true])
        #expect(Self.fail(throttle, "10.0.0.1", 1, at: 1_500) == [false])
        #expect(throttle.refusedSeconds("10.0.0.1", nowMilliseconds: 1_500) == 4)
    }

    @Test func `a good login forgets its user's`() {
        let throttle = Self.throttle()
        _ = Self.fail(throttle, "10.0.0.1", 2)
        throttle.succeeded("10.0.0.1", user: "app")
        #expect(Self.fail(throttle, "10.0.0.1", 2) == [false, false])
    }

    @Test func `who has an account cannot begin anew while guessing another's password`() {
        let throttle = Self.throttle()
        for isLast in [false, false, true] {
            throttle.succeeded("10.0.0.1", user: "mine")
            #expect(Self.fail(throttle, "10.0.0.1", 1, user: "root") == [isLast])
        }
        throttle.succeeded("10.0.0.1", user: "root")
        #expect(throttle.refusedSeconds("10.0.0.1", nowMilliseconds: 0) == 5)
    }

    @Test func `made-up users cannot be forgotten beyond those that are told apart, and cost no memory`() {
        let throttle = Self.throttle(100)
        for index in 0..<60 { _ = Self.fail(throttle, "10.0.0.1", 1, user: "user\(index)") }
        for index in 0..<60 { throttle.succeeded("10.0.0.1", user: "user\(index)") }
        let left = 60 - FrontendLimits.throttledUsers
        #expect(Self.fail(throttle, "10.0.0.1", 100 - left).filter(\.self) == [true])
    }

    @Test func `the Unix socket and trusted addresses are never refused, and nobody is when it is off`() {
        let throttle = Self.throttle(trusted: ["10.1.%", "192.168.0.0/255.255.0.0"])
        for address in ["localhost", "10.1.2.3", "192.168.7.7"] {
            #expect(Self.fail(throttle, address, 10).allSatisfy { !$0 })
            #expect(throttle.refusedSeconds(address, nowMilliseconds: 0) == nil)
        }
        let off = Self.throttle(0)
        #expect(Self.fail(off, "10.0.0.1", 10).allSatisfy { !$0 })
    }

    @Test func `other settings count at once, and what was counted stays`() {
        let throttle = Self.throttle(3)
        #expect(Self.fail(throttle, "10.0.0.1", 1) == [false])
        throttle.adopt(
            LoginThrottleSettings(
                failures: 2, windowMilliseconds: 1_000, refusalMilliseconds: 9_000, trusted: ["10.1.%"]))
        #expect(Self.fail(throttle, "10.0.0.1", 1) == [true])
        #expect(throttle.refusedSeconds("10.0.0.1", nowMilliseconds: 0) == 9)
        #expect(Self.fail(throttle, "10.1.0.1", 5).allSatisfy { !$0 })
    }

    @Test func `the table is bounded, and forgets the oldest`() {
        let throttle = Self.throttle(limit: 10)
        _ = Self.fail(throttle, "10.0.0.0", 2)
        for index in 1...1_000 {
            _ = throttle.failed("10.0.\(index / 256).\(index % 256)", user: "app", nowMilliseconds: UInt64(index))
            #expect(throttle.count <= 10)
        }
        #expect(Self.fail(throttle, "10.0.0.0", 1, at: 1_000) == [false])
    }

    @Test func `an address that comes again and again does not push others out`() {
        let throttle = Self.throttle(limit: 4)
        _ = Self.fail(throttle, "10.0.0.1", 2)
        for _ in 0..<100 { _ = throttle.failed("10.0.0.2", user: "app", nowMilliseconds: 1) }
        #expect(Self.fail(throttle, "10.0.0.1", 1, at: 2) == [true])
    }

    @Test func `addresses of one network of IPv6 are one`() {
        let throttle = Self.throttle()
        #expect(throttle.failed("2001:db8:0:1::1", user: "app", nowMilliseconds: 0) == false)
        #expect(throttle.failed("2001:db8:0:1:ffff::2", user: "app", nowMilliseconds: 0) == false)
        #expect(throttle.failed("2001:db8:0:1:2:3:4:5", user: "app", nowMilliseconds: 0) == true)
        #expect(throttle.refusedSeconds("2001:db8:0:2::1", nowMilliseconds: 0) == nil)
        #expect(throttle.refusedSeconds("2001:db8:0:1:7::", nowMilliseconds: 0) == 5)
        #expect(throttle.refusedSeconds("::1", nowMilliseconds: 0) == nil)
    }
}
