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
