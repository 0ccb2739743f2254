// Every pin has a name and a release rule.
import Testing

@testable import Routing

@Suite struct SessionPinsTests {
    static let bits = SessionPins.count
    static let all = (0..<bits).map { SessionPins(rawValue: 1 << UInt32($0)) }

    @Test(arguments: 0..<bits) func `each pin has one name and one release rule`(bit: Int) {
        let pin = SessionPins(rawValue: 1 << UInt32(bit))
        #expect(pin.names.count == 1)
        #expect(pin.releaseRules.count == 1)
        #expect(pin.names.allSatisfy { !$0.isEmpty })
        #expect(pin.releaseRules.allSatisfy { !$0.isEmpty })
    }

    @Test func `names are distinct and in the order of the bits`() {
        let everything = SessionPins(Self.all)
        #expect(Set(everything.names).count == Self.bits)
        #expect(everything.names == Self.all.flatMap(\.names))
        #expect(everything.releaseRules == Self.all.flatMap(\.releaseRules))
    }

    @Test func `no pin has no name, and an unknown bit has none either`() {
        #expect(SessionPins().names.isEmpty)
        #expect(SessionPins(rawValue: 1 << UInt32(Self.bits)).names.isEmpty)
        #expect(SessionPins(rawValue: 1 << 31).names.isEmpty)
    }

    @Test(arguments: [
        (SessionPins.transaction, "transaction"), (.autocommitOff, "autocommit off"),
        (.nextTransaction, "next transaction"),
        (.temporaryTables, "temporary table"), (.userVariables, "user variables"), (.userLocks, "GET_LOCK"),
        (.tableLocks, "LOCK TABLES"), (.globalReadLock, "FLUSH TABLES WITH READ LOCK"), (.handler, "HANDLER"),
        (.textStatements, "PREPARE"), (.preparedStatements, "prepared statements"),
        (.untrackedState, "untracked state"),
        (.unclassified, "statement too long to classify"), (.lastInsertID, "LAST_INSERT_ID"),
        (.diagnostics, "warnings or row counts"), (.xa, "XA transaction"), (.cursor, "cursor"),
        (.binaryLogOff, "sql_log_bin off"), (.sequence, "LASTVAL"),
    ])
    func `a pin has the name that belongs to it`(pin: SessionPins, name: String) {
        #expect(pin.names == [name])
    }

    @Test func `what exists on one connection only is lost with it`() {
        for pin in [
            SessionPins.temporaryTables, .userVariables, .userLocks, .tableLocks, .globalReadLock, .handler,
            .textStatements, .preparedStatements, .untrackedState, .unclassified, .xa, .nextTransaction,
            .binaryLogOff,
        ] {
            #expect(SessionPins.lostWithConnection.contains(pin))
        }
        for pin in [SessionPins.transaction, .autocommitOff, .lastInsertID, .diagnostics, .sequence] {
            #expect(SessionPins.lostWithConnection.isDisjoint(with: pin))
        }
    }
}
