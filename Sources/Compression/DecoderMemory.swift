// What decoders in use hold together.

/// The memory of decoders whose frames are not finished, and its limit. Loop-confined.
final class DecoderMemory {
    private(set) var heldBytes = 0
    private let limit: Int

    init(limit: Int) { self.limit = limit }

    /// A decoder grew, or shrank. False when all together are above the limit: it must go.
    func change(by bytes: Int) -> Bool {
        heldBytes += bytes
        return bytes <= 0 || heldBytes <= limit
    }
}
