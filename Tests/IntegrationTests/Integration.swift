// All suites that start real servers, one test at a time: they share two processors and measure what processes do.

import Foundation
import TestSupport
import Testing

@Suite(.serialized) enum Integration {}

/// The stage of the suite that runs now.
enum Scene {
    @TaskLocal static var current: Stage?

    static var stage: Stage {
        get throws { try #require(current, "the suite lacks the trait .stage()") }
    }
}

/// Starts one cluster and one proxy for a whole suite, and ends them after its last test, whatever happened in it.
struct StageTrait: SuiteTrait, TestScoping {
    let options: Stage.Options

    func provideScope(
        for test: Test, testCase: Test.Case?, performing function: @Sendable () async throws -> Void
    ) async throws {
        let stage = try Stage(options)
        defer { stage.end() }
        try await Scene.$current.withValue(stage) { try await function() }
    }
}

extension Trait where Self == StageTrait {
    static func stage(_ configure: @escaping @Sendable (inout ProxyConfiguration) -> Void = { _ in }) -> Self {
        StageTrait(options: Stage.Options(configure: configure))
    }
}

extension Stage {
    /// Ends everything; with `SWITCHYARD_SHOW_LOG` in the environment, the proxy's log is shown first.
    func end() {
        if ProcessInfo.processInfo.environment["SWITCHYARD_SHOW_LOG"] != nil { print(proxy.log) }
        stop()
    }
}

/// A stage for one test that breaks its cluster.
func withStage(_ options: Stage.Options = .init(), _ body: (Stage) throws -> Void) throws {
    let stage = try Stage(options)
    defer { stage.end() }
    try body(stage)
}

extension MySQLSession {
    /// Runs each statement; the first error ends it.
    func run(_ statements: String...) throws {
        for statement in statements { try query(statement) }
    }
}

/// Runs the program directly and through the proxy and records each difference.
///
/// `directFailures` is how many statements the server itself must refuse: a check that it does what it means to.
func expectSameAnswers(
    _ differential: Differential, _ program: [DifferentialStep], directFailures: Int? = nil,
    sourceLocation: SourceLocation = #_sourceLocation
) throws {
    if let directFailures {
        let failures = try differential.directFailures(program)
        #expect(failures.count == directFailures, "\(failures)", sourceLocation: sourceLocation)
    }
    for difference in try differential.differences(program) {
        Issue.record("\(difference)", sourceLocation: sourceLocation)
    }
}
