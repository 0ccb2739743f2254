// When another server's result is gone on with, and from which byte on.
import Testing

@testable import Frontend

@Suite struct PartialResultTests {
    private let whole = (0..<300).map { UInt8(truncatingIfNeeded: $0 &* 31) }

    private func take(_ partial: PartialResult, _ bytes: some Sequence<UInt8>) -> PartialResult.Known {
        Array(bytes).withUnsafeBytes { partial.take($0) }
    }

    private func lose(_ partial: PartialResult, sequence: UInt8? = 5) {
        partial.interrupted(
            PartialResult.Interruption(node: "a", cause: "lost", isInTransaction: false, nextSequence: sequence))
    }

    /// What a client gets of pieces of a repeated reply; nil when that is another.
    private func rest(_ partial: PartialResult, _ pieces: [[UInt8]]) -> [UInt8]? {
        var rest: [UInt8] = []
        for piece in pieces {
            switch take(partial, piece) {
            case .all: break
            case .first(let known): rest += piece[known...]
            case .different: return nil
            }
        }
        return rest
    }

    @Test func `the rest is delivered from the first byte that the client lacks, whatever the pieces`() {
        for delivered in 1..<whole.count {
            for cut in stride(from: 0, through: whole.count, by: 7) {
                let partial = PartialResult()
                #expect(take(partial, whole[..<delivered]) == .first(0))
                lose(partial)
                #expect(partial.isRepeating)
                let pieces = [Array(whole[..<cut]), Array(whole[cut...])].filter { !$0.isEmpty }
                #expect(rest(partial, pieces) == Array(whole[delivered...]))
                #expect(!partial.isRepeating)
            }
        }
    }

    @Test func `a byte that is another among those that the client has makes the result another`() {
        for index in 0..<100 {
            let partial = PartialResult()
            _ = take(partial, whole[..<100])
            lose(partial)
            var other = whole
            other[index] ^= 1
            #expect(rest(partial, [other]) == nil)
            #expect(partial.isDifferent && partial.isRepeating)
            #expect(take(partial, whole[..<1]) == .different)
        }
        // Behind them it is the new server's business.
        let partial = PartialResult()
        _ = take(partial, whole[..<100])
        lose(partial)
        var other = whole
        other[100] ^= 1
        #expect(rest(partial, [other]) == Array(other[100...]))
    }

    @Test func `a shorter result is never known to be the same`() {
        let partial = PartialResult()
        _ = take(partial, whole[..<100])
        lose(partial)
        #expect(rest(partial, [Array(whole[..<99])]) == [])
        #expect(partial.isRepeating)
        #expect(take(partial, whole[99..<100]) == .first(1))
        #expect(!partial.isRepeating)
    }

    @Test func `a repetition that breaks off too is begun anew with what the client has`() {
        let partial = PartialResult()
        _ = take(partial, whole[..<100])
        lose(partial, sequence: 7)
        _ = take(partial, whole[..<40])
        // Sent once more, be it behind another loss.
        partial.error = .interrupted
        partial.repetitionBegins()
        #expect(partial.error == nil)
        _ = take(partial, whole[..<60])
        lose(partial, sequence: nil)
        #expect(rest(partial, [Array(whole[..<150])]) == Array(whole[100..<150]))
        // What was delivered since counts, too.
        lose(partial)
        var other = whole
        other[149] ^= 1
        #expect(rest(partial, [other]) == nil)
        partial.repetitionBegins()
        #expect(rest(partial, [whole]) == Array(whole[150...]))
    }

    @Test func `one that is used again knows nothing of the result before`() {
        let partial = PartialResult()
        _ = take(partial, whole[..<100])
        partial.cutOffSequence = 3
        lose(partial)
        #expect(partial.cutOffSequence == nil && partial.interruption?.node == "a")
        partial.empty()
        #expect(!partial.isRepeating && partial.interruption == nil)
        #expect(take(partial, whole[50..<60]) == .first(0))
        lose(partial)
        #expect(rest(partial, [Array(whole[50..<70])]) == Array(whole[60..<70]))
    }
}
