// Who is ejected, for how long, and who never is.
import Testing

@testable import Topology

@Suite struct OutlierDetectionTests {
    private typealias Subject = OutlierDetection.Subject
    private let many = HealthLimits.failuresInARow

    /// Readers with so many failures in a row.
    private func readers(_ failures: [Int]) -> [Subject] {
        failures.enumerated().map { index, count in
            Subject(node: NodeID(index: index), isReader: true, failuresInARow: count)
        }
    }

    /// Readers whose reads take so many milliseconds, after so many reads.
    private func readers(milliseconds: [UInt64], zones: [String?] = [], reads: UInt64) -> [Subject] {
        milliseconds.enumerated().map { index, time in
            Subject(
                node: NodeID(index: index), isReader: true, zone: index < zones.count ? zones[index] : nil,
                latencyNanoseconds: time * 1_000_000,
                agedLatencyNanoseconds: time * 1_000_000, reads: reads)
        }
    }

    private func ejected(_ changes: [OutlierDetection.Change]) -> [Int: UInt64] {
        var found: [Int: UInt64] = [:]
        for case .ejected(let node, let milliseconds, _) in changes { found[node.index] = milliseconds }
        return found
    }

    @Test func `failures in a row eject, fewer do not`() {
        var detection = OutlierDetection()
        #expect(detection.judge(readers([many - 1, 0]), nowMilliseconds: 1).isEmpty)
        let changes = detection.judge(readers([many, 0]), nowMilliseconds: 2)
        #expect(
            changes == [
                .ejected(
                    NodeID(index: 0), milliseconds: HealthLimits.ejectionMilliseconds,
                    reason: "\(many) statements or connections failed in a row")
            ])
    }

    @Test func `whoever is ejected is not ejected again before it is back`() {
        var detection = OutlierDetection()
        _ = detection.judge(readers([many, 0]), nowMilliseconds: 0)
        #expect(detection.judge(readers([many, 0]), nowMilliseconds: 999).isEmpty)
        #expect(detection.judge(readers([0, 0]), nowMilliseconds: 1_000) == [.returned(NodeID(index: 0))])
        #expect(detection.judge(readers([0, 0]), nowMilliseconds: 1_001).isEmpty)
    }

    @Test(arguments: [(1, 0), (2, 1), (3, 1), (4, 2), (5, 2), (9, 4)])
    func `at most half of the readers are ejected, and never the only one`(_ count: Int, _ expected: Int) {
        var detection = OutlierDetection()
        let changes = detection.judge(readers(Array(repeating: many, count: count)), nowMilliseconds: 0)
        #expect(changes.count == expected)
        // Not later either.
        #expect(
            detection.judge(readers(Array(repeating: many, count: count)), nowMilliseconds: 500).isEmpty)
    }

    @Test func `those that failed most are ejected first`() {
        var detection = OutlierDetection()
        let changes = detection.judge(readers([many, many + 7, many + 1, many + 9]), nowMilliseconds: 0)
        #expect(Set(ejected(changes).keys) == [1, 3])
    }

    @Test func `each ejection is twice as long as the one before, up to a bound`() {
        var detection = OutlierDetection()
        var now: UInt64 = 0
        var times: [UInt64] = []
        for _ in 0..<9 {
            let milliseconds = ejected(detection.judge(readers([many, 0]), nowMilliseconds: now))[0] ?? 0
            times.append(milliseconds)
            now += milliseconds
        }
        #expect(times == [1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000, 60_000])
    }

    @Test func `whoever stays in for long is forgiven`() {
        var detection = OutlierDetection()
        _ = detection.judge(readers([many, 0]), nowMilliseconds: 0)
        _ = detection.judge(readers([0, 0]), nowMilliseconds: 1_000)
        _ = detection.judge(readers([0, 0]), nowMilliseconds: 1_000 + HealthLimits.forgivenMilliseconds)
        let changes = detection.judge(readers([many, 0]), nowMilliseconds: 2_000 + HealthLimits.forgivenMilliseconds)
        #expect(ejected(changes) == [0: HealthLimits.ejectionMilliseconds])
    }

    @Test func `the primary, and who takes no reads, is never ejected and counts for nobody`() {
        var detection = OutlierDetection()
        var subjects = readers([many, many, 0])
        subjects[0] = Subject(node: NodeID(index: 0), isReader: false, failuresInARow: many)
        subjects[2] = Subject(node: NodeID(index: 2), isReader: false)
        // One reader is left, the only one.
        #expect(detection.judge(subjects, nowMilliseconds: 0).isEmpty)
    }

    @Test func `a reader that becomes the primary is ejected no longer`() {
        var detection = OutlierDetection()
        _ = detection.judge(readers([many, 0]), nowMilliseconds: 0)
        var subjects = readers([0, 0])
        subjects[0] = Subject(node: NodeID(index: 0), isReader: false)
        #expect(detection.judge(subjects, nowMilliseconds: 10) == [.cancelled(NodeID(index: 0))])
        #expect(detection.judge(subjects, nowMilliseconds: 20).isEmpty)
    }

    // MARK: Slow ones

    /// What comes of looks half a second apart at a reader that is slow all the time, with so many reads each.
    private func lookFor(
        _ milliseconds: [UInt64], zones: [String?] = [], seconds: UInt64, readsPerLook: UInt64
    ) -> [Int: UInt64] {
        var detection = OutlierDetection()
        var found: [Int: UInt64] = [:]
        for look in 0...(seconds * 2) {
            let subjects = readers(milliseconds: milliseconds, zones: zones, reads: look * readsPerLook)
            found.merge(ejected(detection.judge(subjects, nowMilliseconds: 1_000 + look * 500))) { first, _ in first }
        }
        return found
    }

    @Test func `a reader far slower than the others is ejected when that lasts`() {
        #expect(lookFor([900, 3, 4], seconds: 5, readsPerLook: 20) == [0: HealthLimits.ejectionMilliseconds])
        #expect(lookFor([900, 3, 4], seconds: 4, readsPerLook: 20) == [:])
    }

    @Test func `a few long reads are no illness`() {
        #expect(lookFor([900, 3, 4], seconds: 5, readsPerLook: 1) == [:])
    }

    @Test(
        arguments: [
            // Not slow enough to matter.
            [90, 3, 4],
            // Not so much slower.
            [900, 100, 120], [900, 3, 200],
            // All are.
            [900, 900, 900],
            // Nobody to compare with.
            [900], [900, 0],
        ] as [[UInt64]])
    func `whoever is not far slower than its peers stays`(_ milliseconds: [UInt64]) {
        #expect(lookFor(milliseconds, seconds: 30, readsPerLook: 100) == [:])
    }

    @Test func `a reader is compared with those of its zone: far away is not ill`() {
        let zones = ["far", "near", "near", "far"]
        #expect(lookFor([900, 3, 4, 800], zones: zones, seconds: 30, readsPerLook: 100) == [:])
        #expect(lookFor([900, 3, 4], zones: zones, seconds: 30, readsPerLook: 100) == [:])
        #expect(lookFor([900, 3, 4, 5], zones: zones, seconds: 5, readsPerLook: 100) == [0: 1_000])
    }

    @Test func `a moment of good answers begins the time anew`() {
        var detection = OutlierDetection()
        for look in 0...40 as ClosedRange<UInt64> {
            let first: UInt64 = look % 8 == 7 ? 5 : 900
            let subjects = readers(milliseconds: [first, 3, 4], reads: look * 100)
            #expect(detection.judge(subjects, nowMilliseconds: 1_000 + look * 500).isEmpty)
        }
    }
}
