// What carries a stream's bytes: the seam at which an encrypted transport joins the plain one.
internal import CLinux
internal import Glibc

/// The outcome of one read or write. Would-block is an ordinary outcome, not an error.
package enum TransferResult: Equatable, Sendable {
    /// So many bytes; 0 on a read is the end of the stream.
    case transferred(Int)
    /// Nothing can be moved now; the lane will say when.
    case wouldBlock
    /// The descriptor failed, with its `errno`.
    case failed(Int32)
}

/// A connected descriptor and the way to move bytes through it. An enum of concrete kinds, because a call through it
/// costs 1 ns and one through an existential 9.
enum Transport {
    case plain(Int32)

    var descriptor: Int32 {
        switch self {
        case .plain(let descriptor): descriptor
        }
    }

    @inline(__always)
    func read(into target: UnsafeMutableRawBufferPointer) -> TransferResult {
        switch self {
        case .plain(let descriptor):
            Self.result { recv(descriptor, target.baseAddress, target.count, 0) }
        }
    }

    @inline(__always)
    func write(_ bytes: UnsafeRawBufferPointer) -> TransferResult {
        switch self {
        case .plain(let descriptor):
            Self.result { send(descriptor, bytes.baseAddress, bytes.count, Int32(MSG_NOSIGNAL)) }
        }
    }

    @inline(__always)
    private static func result(_ call: () -> Int) -> TransferResult {
        while true {
            let count = call()
            if count >= 0 { return .transferred(count) }
            let cause = errno
            if cause == EINTR { continue }
            return cause == EAGAIN || cause == EWOULDBLOCK ? .wouldBlock : .failed(cause)
        }
    }
}
