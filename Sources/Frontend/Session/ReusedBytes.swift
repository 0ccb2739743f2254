// Bytes that are replaced as a whole with each command, in the storage of those before.

/// A run of bytes that costs a copy of them, and nearly always no allocation. A value: who holds a copy keeps its bytes.
struct ReusedBytes {
    private var storage: [UInt8] = []
    private(set) var count = 0

    /// The bytes, in an array of their own.
    var array: [UInt8] { Array(storage[..<count]) }

    /// What the storage takes of memory.
    var heldBytes: Int { storage.capacity }

    mutating func replace(with bytes: UnsafeRawBufferPointer) {
        count = bytes.count
        guard storage.count >= bytes.count else {
            storage = Array(bytes)
            return
        }
        storage.withUnsafeMutableBytes { $0.copyMemory(from: bytes) }
    }

    /// Forgets the bytes; storage for more than `kept` is freed.
    mutating func removeAll(keeping kept: Int) {
        count = 0
        if storage.count > kept { storage = [] }
    }

    func withUnsafeBytes<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result {
        storage.withUnsafeBytes { body(UnsafeRawBufferPointer(rebasing: $0[..<count])) }
    }
}
