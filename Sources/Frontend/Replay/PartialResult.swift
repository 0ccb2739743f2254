// A result of which the client has a part: what is kept of that, to go on with another server's if it begins alike.

/// Bytes that the client was given, counted and in a checksum; nothing of them is kept. When their server is lost, the
/// statement runs again: as many bytes of the new reply are compared instead of delivered. Where they are the same, what
/// follows them is the rest of a result that is the new server's as a whole.
///
///     delivering ──▶ (interrupted) repeating ──▶ delivering
///                           │            └──▶ different
///                           └── interrupted again, or refused and sent anew
final class PartialResult {
    /// How many of the bytes at hand the client has already.
    enum Known: Equatable {
        /// All of them, as far as anybody knows yet.
        case all
        /// So many; the others are to be delivered.
        case first(Int)
        /// The reply is another: nothing of it is to be delivered.
        case different
    }

    /// Where and why the reply was interrupted, the last time.
    struct Interruption {
        let node: String
        let cause: String
        /// Whether it was in a transaction, which is repeated in front of it.
        let isInTransaction: Bool
        /// The number of the packet that can take the place of the rest; nil in the middle of one.
        let nextSequence: UInt8?
    }

    private let checksum = ReplyChecksum()
    private var deliveredBytes: UInt64 = 0
    /// Of the reply that is compared.
    private var repeatedBytes: UInt64 = 0
    /// What its beginning must be like; nil while the client is given what comes.
    private var expected: ReplyChecksum.Value?
    /// Set with the first interruption.
    private(set) var interruption: Interruption?
    private(set) var isDifferent = false
    /// The error in which the repetition ended.
    var error: ProxyError?
    /// The server ended the reply with an error that is about itself, in a packet of this number; the client did not get it.
    var cutOffSequence: UInt8?

    init() {}

    /// Whether what comes is not known yet to be what the client has.
    var isRepeating: Bool { expected != nil }

    /// Bytes of the reply came, in order.
    func take(_ bytes: UnsafeRawBufferPointer) -> Known {
        guard let expected else {
            add(bytes)
            return .first(0)
        }
        guard !isDifferent else { return .different }
        let count = Int(min(deliveredBytes - repeatedBytes, UInt64(bytes.count)))
        checksum.add(UnsafeRawBufferPointer(rebasing: bytes[..<count]))
        repeatedBytes += UInt64(count)
        guard repeatedBytes == deliveredBytes else { return .all }
        guard checksum.value == expected else {
            isDifferent = true
            return .different
        }
        self.expected = nil
        add(UnsafeRawBufferPointer(rebasing: bytes[count...]))
        return .first(count)
    }

    private func add(_ bytes: UnsafeRawBufferPointer) {
        checksum.add(bytes)
        deliveredBytes += UInt64(bytes.count)
    }

    /// The server is lost: what comes next is another's reply, from its beginning.
    func interrupted(_ interruption: Interruption) {
        if !isRepeating { expected = checksum.value }
        self.interruption = interruption
        cutOffSequence = nil
        repetitionBegins()
    }

    /// The statement is sent, be it once more.
    func repetitionBegins() {
        guard isRepeating else { return }
        checksum.begin()
        repeatedBytes = 0
        isDifferent = false
        error = nil
    }

    /// It is to be used for another result.
    func empty() {
        checksum.begin()
        deliveredBytes = 0
        repeatedBytes = 0
        expected = nil
        interruption = nil
        isDifferent = false
        error = nil
        cutOffSequence = nil
    }
}
