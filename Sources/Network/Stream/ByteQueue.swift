// A growable run of bytes: appended at the end, taken from the front, freed when empty.

/// Bytes that wait, for a socket to take them or for the rest of a packet. Its owner bounds it; it only stores.
struct ByteQueue: ~Copyable {
    private var storage = UnsafeMutableRawBufferPointer(start: nil, count: 0)
    private var head = 0
    private var tail = 0
    private let keptBytes: Int

    /// An empty queue. A buffer of up to `keptBytes` is kept when the queue runs empty, a larger one is freed.
    init(keptBytes: Int) { self.keptBytes = keptBytes }

    deinit { storage.deallocate() }

    var count: Int { tail - head }
    var isEmpty: Bool { tail == head }
    /// What its buffer takes of memory.
    var heldBytes: Int { storage.count }

    /// The bytes that wait; valid until the next change.
    var bytes: UnsafeMutableRawBufferPointer {
        guard let base = storage.baseAddress else { return UnsafeMutableRawBufferPointer(start: nil, count: 0) }
        return UnsafeMutableRawBufferPointer(start: base + head, count: count)
    }

    mutating func append(_ source: UnsafeRawBufferPointer) {
        guard source.count > 0 else { return }
        reserve(source.count)
        UnsafeMutableRawBufferPointer(rebasing: storage[tail...]).copyMemory(from: source)
        tail += source.count
    }

    /// Room for `wanted` bytes behind what is held; what is then filled is reported with `appended`.
    mutating func space(_ wanted: Int) -> UnsafeMutableRawBufferPointer {
        reserve(wanted)
        return UnsafeMutableRawBufferPointer(rebasing: storage[tail...])
    }

    mutating func appended(_ filled: Int) { tail += filled }

    mutating func removeFirst(_ taken: Int) {
        head += taken
        precondition(head <= tail, "more taken than held")
        if head == tail { removeAll() }
    }

    mutating func removeAll() {
        head = 0
        tail = 0
        if storage.count > keptBytes {
            storage.deallocate()
            storage = UnsafeMutableRawBufferPointer(start: nil, count: 0)
        }
    }

    private mutating func reserve(_ wanted: Int) {
        if storage.count - tail >= wanted { return }
        let held = count
        if head > 0 && storage.count - held >= wanted && held <= storage.count / 2 {
            storage.copyMemory(from: UnsafeRawBufferPointer(rebasing: storage[head..<tail]))
        } else {
            let grown = UnsafeMutableRawBufferPointer.allocate(
                byteCount: max(512, (held + wanted) + (held + wanted) / 2), alignment: 16)
            if held > 0 { grown.copyMemory(from: UnsafeRawBufferPointer(rebasing: storage[head..<tail])) }
            storage.deallocate()
            storage = grown
        }
        head = 0
        tail = held
    }
}
