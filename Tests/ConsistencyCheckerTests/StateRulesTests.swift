// What sessions see of their own state: good histories pass, bad ones are found.

import ConsistencyChecker
import Testing

@Suite struct StateRulesTests {
    private static let slots: [Slot] = [
        .variable("group_concat_max_len"), .userVariable("v"), .schema, .temporaryTable("passing"),
        .preparedStatement("p"), .lastInsertID, .warnings, .foundRows, .rowCount, .lock("own"),
    ]

    private func login(_ slot: Slot) -> Entry { entry(1, 2, .set(slot, "none")) }

    @Test(arguments: slots) func `state that stays is right`(slot: Slot) {
        let session = [login(slot), entry(3, 4, .set(slot, "mine")), entry(5, 6, .saw(slot, "mine"))]
        #expect(broken(history(session, [login(slot), entry(3, 4, .saw(slot, "none"))])) == [])
    }

    @Test(arguments: slots) func `state that is lost is found`(slot: Slot) {
        let session = [login(slot), entry(3, 4, .set(slot, "mine")), entry(5, 6, .saw(slot, "none"))]
        #expect(broken(history(session)) == [.lostState])
    }

    @Test(arguments: slots) func `state of another session is found`(slot: Slot) {
        let other = [login(slot), entry(3, 4, .set(slot, "theirs"))]
        #expect(broken(history([login(slot), entry(5, 6, .saw(slot, "theirs"))], other)) == [.leakedState])
        #expect(broken(history([login(slot), entry(5, 6, .saw(slot, "nobody's"))], other)) == [.wrongState])
    }

    @Test func `a refused statement leaves state as it was, and one of unknown outcome either way`() {
        let slot = Slot.variable("time_zone")
        let tolerant = { (history: inout History) in history.bearable = [1213, 9504] }
        let kept = [login(slot), entry(3, 4, .set(slot, "new"), outcome: refused)]
        #expect(broken(history(kept + [entry(5, 6, .saw(slot, "none"))], change: tolerant)) == [])
        #expect(broken(history(kept + [entry(5, 6, .saw(slot, "new"))], change: tolerant)) == [.wrongState])
        let doubtful = [login(slot), entry(3, 4, .set(slot, "new"), outcome: unknown)]
        for value in ["none", "new"] {
            #expect(broken(history(doubtful + [entry(5, 6, .saw(slot, value))], change: tolerant)) == [])
        }
    }

    @Test func `an answer that fits nothing is found`() {
        #expect(broken(history([entry(1, 2, .strange("2 warnings"))])) == [.wrongState])
    }
}
