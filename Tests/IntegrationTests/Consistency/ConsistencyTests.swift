// A short run of the consistency checker; `swift run consistency-checker` makes long ones.

import ConsistencyChecker
import ConsistencyRun
import TestSupport
import Testing

extension Integration {
    @Suite struct ConsistencyTests {
        private static func options(_ change: (inout RunOptions) -> Void = { _ in }) -> RunOptions {
            var options = RunOptions()
            options.flavor = TestServer.flavor
            options.sessions = 40
            options.connectionsPerNode = 4
            options.operations = 8_000
            change(&options)
            return options
        }

        @Test func `sessions that share connections and late replicas see what one server would show`() throws {
            let result = try ConsistencyRun(Self.options()).execute()
            #expect(result.violations.isEmpty, "\(result.summary)\n\(result.violations.prefix(3))")
        }

        @Test func `with the promise of global reads, every read sees what was acknowledged before it`() throws {
            let options = Self.options {
                $0.operations = 4_000
                $0.mode = .global
            }
            let result = try ConsistencyRun(options).execute()
            #expect(result.violations.isEmpty, "\(result.summary)\n\(result.violations.prefix(3))")
        }

        @Test func `without causal reads, stale ones are found`() throws {
            let options = Self.options {
                $0.operations = 4_000
                $0.mode = .none
            }
            let result = try ConsistencyRun(options).execute()
            #expect(result.violations.contains { $0.rule == .readYourWrites }, "\(result.summary)")
        }

        @Test func `a session that reads late replicas itself is found`() throws {
            let options = Self.options {
                $0.operations = 3_000
                $0.plant = .staleRead
            }
            let result = try ConsistencyRun(options).execute()
            #expect(result.violations.contains { $0.rule == .readYourWrites }, "\(result.summary)")
        }
    }
}
