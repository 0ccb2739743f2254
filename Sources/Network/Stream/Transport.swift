// What carries a stream's bytes: a socket alone, or one with encryption above it.
internal import CLinux
internal import Glibc
internal import Security

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
    /// The session reads from and writes to the descriptor.
    case tls(Int32, TLSSession)

    var descriptor: Int32 {
        switch self {
        case .plain(let descriptor), .tls(let descriptor, _): descriptor
        }
    }

    /// The encryption; nil without one.
    var session: TLSSession? {
        switch self {
        case .plain: nil
        case .tls(_, let session): session
        }
    }

    /// Memory of what waits between the stream and the socket.
    var bufferBytes: Int { session?.bufferBytes ?? 0 }

    /// Whether bytes that count as sent still wait for the socket.
    @inline(__always)
    var holdsOutput: Bool {
        switch self {
        case .plain: false
        case .tls(_, let session): session.hasPendingOutput
        }
    }

    /// Whether the end of the stream is known already, behind a read that was shorter than its target.
    @inline(__always)
    var holdsEnd: Bool {
        switch self {
        case .plain: false
        case .tls(_, let session): session.holdsEnd
        }
    }

    /// The socket can be read again.
    @inline(__always)
    func inputBecameReady(isFinished: Bool) {
        switch self {
        case .plain: break
        case .tls(_, let session): session.inputBecameReady(isFinished: isFinished)
        }
    }

    /// Tells the peer that nothing more comes.
    func sayGoodbye() {
        switch self {
        case .plain: break
        case .tls(_, let session): session.sayGoodbye()
        }
    }

    /// Sends what `holdsOutput` tells of.
    func flushHeld() -> TransferResult {
        switch self {
        case .plain: .transferred(0)
        case .tls(_, let session): Self.result(session.flush())
        }
    }

    /// Takes bytes from the socket as they are, to throw them away.
    func discard(into target: UnsafeMutableRawBufferPointer) -> TransferResult {
        Self.result { switchyard_receive(descriptor, target.baseAddress, UInt(target.count)) }
    }

    @inline(__always)
    func read(into target: UnsafeMutableRawBufferPointer) -> TransferResult {
        switch self {
        case .plain(let descriptor):
            Self.result { switchyard_receive(descriptor, target.baseAddress, UInt(target.count)) }
        case .tls(_, let session): Self.result(session.read(into: target))
        }
    }

    @inline(__always)
    func write(_ bytes: UnsafeRawBufferPointer) -> TransferResult {
        switch self {
        case .plain(let descriptor):
            Self.result { switchyard_send(descriptor, bytes.baseAddress, UInt(bytes.count)) }
        case .tls(_, let session): Self.result(session.write(bytes))
        }
    }

    private static func result(_ outcome: TLSTransfer) -> TransferResult {
        switch outcome {
        case .transferred(let count): .transferred(count)
        case .ended: .transferred(0)
        case .wouldBlock: .wouldBlock
        case .failed(let cause): .failed(cause)
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
