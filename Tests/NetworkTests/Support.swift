// A lane to test on, a recording owner of streams, and a peer with a blocking socket.
import Dispatch
import Glibc
import Synchronization
import Testing

@testable import Network

extension Lane {
    /// A lane that runs.
    static func started() -> Lane {
        let lane = Lane(number: 0)
        lane.start()
        return lane
    }

    /// Runs `work` on the lane and waits for its result.
    func run<Result: Sendable>(_ work: @escaping @Sendable () -> Result) async -> Result {
        await withCheckedContinuation { continuation in
            post { continuation.resume(returning: work()) }
        }
    }

    /// Waits until `condition` holds on the lane; false when it does not within ten seconds.
    func eventually(_ condition: @escaping @Sendable () -> Bool) async -> Bool {
        for _ in 0..<5_000 {
            if await run(condition) { return true }
            try? await Task.sleep(for: .milliseconds(2))
        }
        return false
    }

    /// Expects that `condition` holds on the lane now.
    func expect(_ location: SourceLocation = #_sourceLocation, _ condition: @escaping @Sendable () -> Bool) async {
        if await !run(condition) { Issue.record("it does not hold on the lane", sourceLocation: location) }
    }

    /// Expects that `condition` comes to hold on the lane.
    func expectEventually(
        _ location: SourceLocation = #_sourceLocation, _ condition: @escaping @Sendable () -> Bool
    ) async {
        if await !eventually(condition) { Issue.record("it never holds on the lane", sourceLocation: location) }
    }
}

/// Writes down what its stream says. Lane-confined, hence unchecked.
final class StreamRecorder: ByteStreamOwner, @unchecked Sendable {
    var stream: ByteStream?
    var received: [UInt8] = []
    var offered: [[UInt8]] = []
    var connectedCount = 0
    var drainedCount = 0
    var securedCount = 0
    var deadlineCount = 0
    var ends: [StreamEnd] = []
    /// What is done with bytes; nil consumes everything.
    var onBytes: ((StreamRecorder, UnsafeMutableRawBufferPointer) -> Int)?
    var onConnected: ((StreamRecorder) -> Void)?

    func streamConnected(_ stream: ByteStream) {
        connectedCount += 1
        onConnected?(self)
    }

    func streamReceived(_ stream: ByteStream, _ bytes: UnsafeMutableRawBufferPointer) -> Int {
        if offered.count < 1_000 { offered.append(Array(bytes)) }
        let count = onBytes?(self, bytes) ?? bytes.count
        received += bytes[..<count]
        return count
    }

    func streamSecured(_ stream: ByteStream) { securedCount += 1 }
    func streamDrained(_ stream: ByteStream) { drainedCount += 1 }
    func streamClosed(_ stream: ByteStream, _ end: StreamEnd) { ends.append(end) }
    func streamDeadlinePassed(_ stream: ByteStream) { deadlineCount += 1 }

    func adopt(_ descriptor: Int32, on lane: Lane) {
        stream = ByteStream.adopt(descriptor, on: lane, isInternet: false)
        stream?.setOwner(self)
    }
}

/// The other end of a connection: a blocking socket that gives up after ten seconds.
final class Peer: Sendable {
    let descriptor: Int32
    private let isOpen = Atomic<Bool>(true)

    init(_ descriptor: Int32) {
        self.descriptor = descriptor
        var limit = timeval(tv_sec: 10, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
    }

    deinit { close() }

    func close() {
        if isOpen.exchange(false, ordering: .relaxed) { Glibc.close(descriptor) }
    }

    func finish() { shutdown(descriptor, Int32(SHUT_WR)) }

    /// Sends everything; false when the connection is gone.
    @discardableResult
    func send(_ bytes: [UInt8]) -> Bool {
        var sent = 0
        while sent < bytes.count {
            let count = bytes.withUnsafeBytes {
                Glibc.send(descriptor, $0.baseAddress.map { $0 + sent }, bytes.count - sent, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { return false }
            sent += count
        }
        return true
    }

    /// Up to `count` bytes: fewer at the end of the stream or after ten seconds.
    func receive(_ count: Int) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        var have = 0
        while have < count {
            let got = bytes.withUnsafeMutableBytes {
                recv(descriptor, $0.baseAddress.map { $0 + have }, count - have, 0)
            }
            guard got > 0 else { break }
            have += got
        }
        return Array(bytes[..<have])
    }

    /// Everything up to the end of the stream.
    func receiveToEnd() -> [UInt8] {
        var all: [UInt8] = []
        while true {
            let part = receive(65_536)
            all += part
            if part.count < 65_536 { return all }
        }
    }
}

/// Runs blocking work on a thread of its own: the tests' few threads must not all wait for each other.
func inBackground<Result: Sendable>(_ work: @escaping @Sendable () -> Result) -> Task<Result, Never> {
    Task {
        await withCheckedContinuation { continuation in
            DispatchQueue(label: "background").async { continuation.resume(returning: work()) }
        }
    }
}

/// Two connected Unix sockets: the first non-blocking for a stream, the second for a peer.
func socketPair() -> (Int32, Peer) {
    var ends: [Int32] = [0, 0]
    let status = socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0, &ends)
    precondition(status == 0)
    let flags = fcntl(ends[0], F_GETFL)
    precondition(fcntl(ends[0], F_SETFL, flags | O_NONBLOCK) == 0)
    return (ends[0], Peer(ends[1]))
}

/// A blocking listening socket on loopback, and its address.
func loopbackListener(backlog: Int32 = 16) -> (Int32, SocketAddress) {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    guard let wanted = SocketAddress(numericHost: "127.0.0.1", port: 0) else { preconditionFailure() }
    precondition(wanted.withKernelAddress { bind(descriptor, $0, $1) } == 0)
    precondition(listen(descriptor, backlog) == 0)
    var storage = sockaddr_in()
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let address = withUnsafeMutablePointer(to: &storage) {
        $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
            getsockname(descriptor, pointer, &length)
            return SocketAddress(pointer, length: length)
        }
    }
    guard let address else { preconditionFailure() }
    return (descriptor, address)
}

/// `count` bytes that do not repeat with any power of two.
func pattern(_ count: Int) -> [UInt8] { (0..<count).map { UInt8(truncatingIfNeeded: $0 % 251) } }

/// SplitMix64: the same numbers in every run.
struct SeededRandom: RandomNumberGenerator {
    var state: UInt64
    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
        return value ^ (value >> 31)
    }
}
