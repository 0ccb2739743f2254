// How long warnings keep a connection from those who wait for it.
import Testing

@testable import Frontend

@Suite struct KeptDiagnosticsTests {
    private let limit = FrontendLimits.keptDiagnosticsMilliseconds

    @Test func `a session that idles long enough gives its warnings up at once`() {
        var kept = KeptDiagnostics()
        let before = kept.keeps(lastActiveMilliseconds: 5_000, nowMilliseconds: 4_999 + limit)
        let then = kept.keeps(lastActiveMilliseconds: 5_000, nowMilliseconds: 5_000 + limit)
        #expect(before && !then)
    }

    @Test func `a session that causes warnings without a pause keeps others waiting for no longer than one that idles`()
    {
        var kept = KeptDiagnostics()
        var now: UInt64 = 10_000
        while kept.keeps(lastActiveMilliseconds: now, nowMilliseconds: now), now < 20_000 { now += 50 }
        #expect(now == 10_000 + limit)
    }

    @Test func `the next connection, and those who come later, find it patient again`() {
        var kept = KeptDiagnostics()
        for now in stride(from: 10_000, through: 10_000 + limit, by: 50) {
            _ = kept.keeps(lastActiveMilliseconds: now, nowMilliseconds: now)
        }
        var other = kept
        other.gaveBack()
        let next = 10_050 + limit
        let isStillKept = kept.keeps(lastActiveMilliseconds: next, nowMilliseconds: next)
        let isKeptAnew = other.keeps(lastActiveMilliseconds: next, nowMilliseconds: next)
        #expect(!isStillKept && isKeptAnew)
        let later = next + limit + 1
        let isKeptLater = kept.keeps(lastActiveMilliseconds: later, nowMilliseconds: later)
        #expect(isKeptLater)
    }
}
