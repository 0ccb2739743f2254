// Which statements are slow, how many are told, and where the trace of one comes from.

import Testing

@testable import Frontend

private let trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"

@Suite struct SlowLogTests {
    @Test func `the threshold can be changed, and turned off`() {
        let log = SlowLog()
        #expect(log.thresholdMilliseconds == nil && log.thresholdNanoseconds == .max && !log.showsLiterals)
        log.thresholdMilliseconds = 250
        #expect(log.thresholdMilliseconds == 250 && log.thresholdNanoseconds == 250_000_000)
        log.thresholdMilliseconds = nil
        #expect(log.thresholdNanoseconds == .max)
        log.showsLiterals = true
        #expect(log.showsLiterals)
    }

    @Test func `a lane tells so many in a second, and then how many it did not`() {
        var budget = SlowBudget()
        for _ in 0..<FrontendLimits.slowStatementsPerSecond { #expect(budget.admit(nowMilliseconds: 5_000) == 0) }
        for _ in 0..<3 { #expect(budget.admit(nowMilliseconds: 5_999) == nil) }
        #expect(budget.admit(nowMilliseconds: 6_000) == 3)
        #expect(budget.admit(nowMilliseconds: 6_000) == 0)
    }

    @Test(arguments: [
        "/* traceparent=\(trace) */ SELECT 1", "/*traceparent='\(trace)'*/SELECT 1",
        " \n/*application='shop',TraceParent=\"\(trace)\",x='y'*/ SELECT 1",
        "/* other */ /* traceparent: \(trace) */ SELECT 1",
    ])
    func `a trace is read from a leading comment`(statement: String) {
        let found = Array(statement.utf8).withUnsafeBytes(TraceParent.inLeadingComment)
        #expect(found == trace)
    }

    @Test(arguments: [
        "SELECT 1 /* traceparent=\(trace) */", "/* traceparent=00-short */ SELECT 1", "/* \(trace) */ SELECT 1", "",
        "/", "/*",
        "/* traceparent=", "/* traceparent=\(trace.dropLast())", "-- traceparent=\(trace)\nSELECT 1",
        "/* traceparent=\(trace.replacing("4", with: "G")) */ SELECT 1",
        "/* traceparent=\(trace.replacing("-", with: "\n")) */ SELECT 1",
    ])
    func `what is no trace, or stands elsewhere, is none`(statement: String) {
        #expect(Array(statement.utf8).withUnsafeBytes(TraceParent.inLeadingComment) == nil)
    }
}
