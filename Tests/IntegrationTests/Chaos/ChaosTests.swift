// Short runs of the chaos harness; `swift run chaos` makes long ones.

import ChaosChecker
import ChaosRun
import TestSupport
import Testing

extension Integration {
    @Suite struct ChaosTests {
        private static func run(_ change: (inout ChaosOptions) -> Void) throws -> ChaosRun.Result {
            var options = ChaosOptions()
            options.flavor = TestServer.flavor
            options.clients = 8
            change(&options)
            return try ChaosRun(options).execute()
        }

        private func expectRight(_ result: ChaosRun.Result) {
            #expect(result.violations.isEmpty, "\(result.violations.prefix(3))\n\(result.summary)")
            #expect(result.failures.isEmpty, "\(result.failures)")
            #expect(result.acknowledged > 100)
        }

        @Test func `planned switchovers cost clients no error, and no write is lost or doubled`() throws {
            let result = try Self.run { $0.rounds = 3 }
            expectRight(result)
            #expect(result.errors == 0, "\(result.summary)")
        }

        @Test func `with semi-synchronous replication a killed primary takes no acknowledged write with it`() throws {
            let result = try Self.run {
                $0.nemesis = .kill
                $0.semiSync = true
                $0.rounds = 2
            }
            expectRight(result)
        }

        @Test func `behind two proxies, too, a second writable node gets no write`() throws {
            let result = try Self.run {
                $0.nemesis = .splitBrain
                $0.proxies = 2
                $0.rounds = 2
            }
            expectRight(result)
        }

        @Test(.networkLab)
        func `of a primary that is cut off, with a proxy or without, and its successor, one is written to`()
            throws
        {
            // These dice cut off the primary with one of the proxies.
            let result = try Self.run {
                $0.nemesis = .partition
                $0.proxies = 3
                $0.rounds = 1
                $0.seed = 2
            }
            expectRight(result)
            #expect(result.summary.contains("the opening of the new primary"), "\(result.summary)")
        }

        @Test func `an acknowledged write that is not there is found`() throws {
            let result = try Self.run {
                $0.nemesis = .lag
                $0.rounds = 1
                $0.plant = .lostWrite
            }
            #expect(result.violations.map(\.rule) == [.lostWrite], "\(result.violations.prefix(3))\n\(result.summary)")
        }
    }
}
