// The words of a hand-over, and who may go from one state to the next.
import Network
import Testing

@testable import Proxy

@Suite struct HandOverWordsTests {
    @Test func `lines are read as they were written`() {
        for words: HandOverWords in [
            .ready(unserved: []), .ready(unserved: ["main", "a b\n%"]), .go(newestID: 0), .go(newestID: .max), .serving,
        ] {
            #expect(!words.line.contains("\n"))
            #expect(HandOverWords(words.line) == words)
        }
    }

    @Test(arguments: ["", "go", "go x", "go 1 2", "go -1", "serving now", "ready %zz", "hello"])
    func `other lines are none`(line: String) {
        #expect(HandOverWords(line) == nil)
    }
}

@Suite struct HandOverStateTests {
    private func sleeper() throws -> Successor {
        let program = try #require(ProgramStart(arguments: ["/bin/sleep", "600"], folder: "/", search: ""))
        return try Successor.start(program, listeners: [])
    }

    @Test func `there is one at a time, and another after one that failed`() throws {
        let state = HandOverState()
        #expect(!state.isUnderWay)
        #expect(state.begin() && state.isUnderWay)
        #expect(!state.begin())
        state.fail()
        state.attemptEnded()
        #expect(!state.isUnderWay)
        #expect(state.begin())
        state.attemptEnded()
    }

    @Test func `after it was given away, the place is not given to a second one, nor taken back by an end`() throws {
        let state = HandOverState()
        let successor = try sleeper()
        defer { successor.end() }
        #expect(state.begin() && state.started(successor) && state.commit())
        state.attemptEnded()
        #expect(state.isGiven && !state.begin())
        #expect(state.abandon())
        #expect(successor.waitForEnd(milliseconds: 0) == nil)
    }

    @Test func `an end before that ends the new process too, and nothing is given away any more`() throws {
        let state = HandOverState()
        let successor = try sleeper()
        defer { successor.end() }
        #expect(state.begin() && state.started(successor))
        state.attemptEnded()
        #expect(!state.abandon())
        #expect(successor.waitForEnd(milliseconds: 0) == "signal 9 ended it")
        #expect(!state.commit() && !state.isGiven)
        state.fail()
        #expect(!state.begin())
    }

    @Test func `a process that is started while the end is asked for does not go on`() throws {
        let state = HandOverState()
        #expect(state.begin())
        state.attemptEnded()
        #expect(!state.abandon())
        let successor = try sleeper()
        defer { successor.end() }
        #expect(!state.started(successor))
    }
}
