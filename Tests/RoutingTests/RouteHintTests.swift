// Hints on the route: followed where the statement could run as well, otherwise ignored with a reason.

import Routing
import SQL
import Testing

private struct HintCase: Sendable, CustomTestStringConvertible {
    let text: String
    let hint: RouteHint
    let target: RouteTarget
    let outcome: HintOutcome
    let context: RoutingContext

    init(
        _ text: String, _ hint: RouteHint, _ target: RouteTarget, _ outcome: HintOutcome,
        _ context: RoutingContext = RoutingContext()
    ) {
        self.text = text
        self.hint = hint
        self.target = target
        self.outcome = outcome
        self.context = context
    }

    var testDescription: String { "\(text) \(hint) [\(context.mode.rawValue) \(context.pins.names)]" }
}

private let inTransaction = RoutingContext(pins: .transaction, isInTransaction: true)

@Suite struct RouteHintTests {
    private static let cases = [
        HintCase("SELECT 1", .primary, .main, .followed),
        HintCase("SELECT 1", .reader, .reader, .followed),
        HintCase("UPDATE t SET a = 1", .primary, .main, .followed),
        HintCase("UPDATE t SET a = 1", .reader, .main, .notARead),
        HintCase("SELECT f(1)", .reader, .main, .notARead),
        HintCase("SELECT 1 FOR UPDATE", .reader, .main, .notARead),
        HintCase("SELECT 1; SELECT 2", .reader, .main, .notARead),
        HintCase("SELECT 1", .primary, .transaction, .insideTransaction, inTransaction),
        HintCase("SELECT 1", .reader, .transaction, .insideTransaction, inTransaction),
        HintCase("SELECT 1", .reader, .main, .needsPrimary, RoutingContext(pins: .temporaryTables)),
        HintCase("SELECT @x", .reader, .main, .needsPrimary, RoutingContext(pins: .userVariables)),
        HintCase("SELECT 1", .reader, .main, .needsPrimary, RoutingContext(isSerializable: true)),
        HintCase("SELECT 1", .reader, .reader, .followed, RoutingContext(mode: .primary)),
        HintCase("DELETE FROM t", .reader, .main, .notARead, RoutingContext(mode: .primary)),
        HintCase("SELECT 1", .primary, .main, .modeIsReplica, RoutingContext(mode: .replica)),
        HintCase("SHOW WARNINGS", .primary, .previous, .followsSession),
        HintCase("SHOW WARNINGS", .reader, .previous, .notARead),
        HintCase("SET sql_mode = ''", .primary, .anyAttached, .followsSession),
        HintCase("START TRANSACTION READ ONLY", .primary, .main, .followed),
        HintCase("START TRANSACTION READ ONLY", .reader, .reader, .followed),
        HintCase("START TRANSACTION", .reader, .main, .notARead),
    ]

    @Test(arguments: cases) private func `a hint is followed or not`(_ row: HintCase) {
        let traits = Array(row.text.utf8).withUnsafeBytes { Classifier.classify($0, mode: SQLMode()) }
        let (decision, outcome) = Router.decide(traits, row.context, hint: row.hint)
        #expect(decision.target == row.target)
        #expect(outcome == row.outcome)
    }

    @Test func `what is ignored leaves the decision as it is, and no hint makes a write repeatable`() {
        for row in Self.cases {
            let traits = Array(row.text.utf8).withUnsafeBytes { Classifier.classify($0, mode: SQLMode()) }
            let plain = Router.decide(traits, row.context)
            let (decision, outcome) = Router.decide(traits, row.context, hint: row.hint)
            if outcome != .followed { #expect(decision == plain, "\(row.text)") }
            if traits.access == .primary { #expect(!decision.isRepeatable, "\(row.text)") }
        }
    }
}
