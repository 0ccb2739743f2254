// One connected socket on a lane: reads into the lane's scratch buffer, writes with a bounded queue.
//
// Invariants
//  1. Everything happens on `lane`.
//  2. A stream closes once; `streamClosed` comes at most once, and never after the owner's own `close()`.
//  3. While reading is paused nothing is taken from the kernel, so an owner that pauses holds at most one scratch
//     buffer's worth of unconsumed bytes, and the peer feels it.
//  4. The owner never gets a call in the middle of its own `write`: failures are reported by deferred work.
//  5. The kernel is asked nothing it need not be: edge-triggered readiness, no `epoll_ctl` after registration.
//
//      connecting ──▶ open ──▶ closing (flush, shut down, await the peer) ──▶ closed
//           └──────────┤  ▲                          ▲                           ▲
//                      │  └── securing (TLS) ────────┘                           │
//                      └─────────┴───────────────────────────────────────────────┘
internal import CLinux
package import Compression
internal import Glibc

/// Why a stream ended, as its owner hears it.
package enum StreamEnd: Equatable, Sendable {
    /// The peer closed in order.
    case peerClosed
    /// The descriptor failed, or the connection could not be made: the `errno`.
    case failed(Int32)
    /// The owner left more unconsumed than `NetworkLimits.remainderMaximumBytes`.
    case remainderTooLong
    /// TLS could not be started, or the peer broke its rules: in words.
    case encryptionFailed(String)
    /// What the peer sent cannot be decompressed. The owner may still send, and say so.
    case undecodable(CompressionError)

    /// Words for a log or an error message.
    package var text: String {
        switch self {
        case .peerClosed: "the peer closed the connection"
        case .failed(let number): errorText(number)
        case .remainderTooLong: "too many unparsed bytes"
        case .encryptionFailed(let reason): "TLS: \(reason)"
        case .undecodable(let error): "\(error)"
        }
    }
}

/// Who owns a stream. All calls come on the stream's lane.
package protocol ByteStreamOwner: AnyObject {
    /// The connection asked for was made.
    func streamConnected(_ stream: ByteStream)
    /// The TLS asked for by `startTLS` is in force.
    func streamSecured(_ stream: ByteStream)
    /// Bytes came. They are valid, and may be changed in place, during the call. Returns how many were consumed from the
    /// front: the rest comes again, in front of what follows, or after `resumeReading` if the owner paused.
    func streamReceived(_ stream: ByteStream, _ bytes: UnsafeMutableRawBufferPointer) -> Int
    /// A congested stream can take more.
    func streamDrained(_ stream: ByteStream)
    /// The stream ended without the owner's doing.
    func streamClosed(_ stream: ByteStream, _ end: StreamEnd)
    /// The deadline set by `setDeadline` passed.
    func streamDeadlinePassed(_ stream: ByteStream)
}

extension ByteStreamOwner {
    /// Owners that never ask for TLS have nothing to hear of it.
    package func streamSecured(_ stream: ByteStream) {}
}

/// A connected, non-blocking socket that belongs to one lane.
package final class ByteStream: ReadinessHandler, DeferredWork {
    enum Phase { case connecting, open, securing, closing, closed }

    // What nearly every statement touches lies side by side: each cache line is fetched anew for each of them.
    /// The lane this stream lives on.
    package let lane: Lane
    var transport: Transport
    var owner: (any ByteStreamOwner)?
    var phase: Phase
    private var isPaused = false
    var inputIsReady = false
    private var peerFinished = false
    private var isScheduled = false
    private var wasCongested = false
    private var outputIsBlocked = false
    private var resumedInDelivery = false
    /// What is held begins with something that the owner has not looked at.
    private var holdsCommands = false
    private var endsWhenHungUp = false
    private var endsWhenPeerFinished = false
    /// Whether its handshake waits for others of `handshakePeer`.
    var awaitsHandshakeTurn = false
    /// The owner started compression while it looked at bytes: those behind what it took are compressed.
    private var compressionBegan = false
    private var compressed: CompressedLayer?
    private var pendingEnd: StreamEnd?
    var output = ByteQueue(keptBytes: NetworkLimits.keptOutputBytes)
    private var remainder = ByteQueue(keptBytes: 0)

    // What few of them need.
    private(set) var slot = LaneSlot.none
    /// Whose handshakes wait for each other.
    var handshakePeer = ""

    private init(lane: Lane, descriptor: Int32, phase: Phase) {
        self.lane = lane
        self.phase = phase
        transport = .plain(descriptor)
    }

    /// Takes over a connected descriptor; nil (and the descriptor closed) when the lane cannot register it.
    package static func adopt(_ descriptor: Int32, on lane: Lane, isInternet: Bool) -> ByteStream? {
        if isInternet { _ = switchyard_tune_tcp(descriptor, NetworkLimits.clientKeepaliveSeconds, 0) }
        return make(descriptor, on: lane, phase: .open)
    }

    /// Starts a connection; the owner hears `streamConnected` or `streamClosed`. Nil with `errno` set when there is no
    /// descriptor to be had. `userTimeoutMilliseconds` is TCP_USER_TIMEOUT: how long sent bytes may stay unacknowledged.
    package static func connect(
        to address: SocketAddress, on lane: Lane, userTimeoutMilliseconds: UInt32
    ) -> ByteStream? {
        let descriptor = socket(
            address.family, Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { return nil }
        if address.isInternet {
            _ = switchyard_tune_tcp(descriptor, NetworkLimits.serverKeepaliveSeconds, userTimeoutMilliseconds)
        }
        let status = address.withKernelAddress { Glibc.connect(descriptor, $0, $1) }
        let cause = errno
        guard let stream = make(descriptor, on: lane, phase: .connecting) else { return nil }
        // A full Unix backlog says EAGAIN and will not become ready by itself: an error like any other.
        if status != 0 && cause != EINPROGRESS { stream.endSoon(.failed(cause)) }
        return stream
    }

    private static func make(_ descriptor: Int32, on lane: Lane, phase: Phase) -> ByteStream? {
        let stream = ByteStream(lane: lane, descriptor: descriptor, phase: phase)
        guard let slot = lane.register(descriptor, stream) else {
            let cause = errno
            Glibc.close(descriptor)
            errno = cause
            return nil
        }
        stream.slot = slot
        return stream
    }

    /// Says who hears of this stream. Set once, before the lane's next event.
    package func setOwner(_ owner: any ByteStreamOwner) { self.owner = owner }

    /// Whether bytes can still be exchanged.
    package var isOpen: Bool { phase == .open }

    /// Bytes that the socket has not taken yet.
    package var queuedBytes: Int { output.count }

    /// Memory of its buffers: output, input that waits, and what compression and TLS hold between them and the socket.
    package var bufferBytes: Int {
        output.heldBytes + remainder.heldBytes + (compressed?.heldBytes ?? 0) + transport.bufferBytes
    }

    /// Whether the queue passed its high-water mark: whoever fills it must pause now.
    package var isCongested: Bool { output.count > NetworkLimits.outputHighWaterBytes }

    /// Calls `streamDeadlinePassed` at these monotonic milliseconds of the lane; 0 clears.
    package func setDeadline(milliseconds: UInt64) {
        guard phase != .closed else { return }
        lane.setDeadline(slot, milliseconds: milliseconds)
    }

    /// Changes TCP_USER_TIMEOUT; 0 for the kernel's own patience, which is about 15 minutes with a peer that is gone and has
    /// no end with one that is there and takes nothing. Without effect on Unix sockets.
    package func setUserTimeout(milliseconds: UInt32) {
        guard phase != .closed else { return }
        _ = switchyard_set_user_timeout(transport.descriptor, milliseconds)
    }

    /// Ends the stream when both directions are shut even while reading is paused. For clients, to whom no answer can be
    /// given then; not for servers, whose last bytes may still wait to be read.
    package func endWhenHungUp() { endsWhenHungUp = true }

    /// Ends the stream when the peer will send nothing more, even while reading is paused and whatever it sent before.
    package func endWhenPeerFinishes() { endsWhenPeerFinished = true }

    private func endIfPeerFinished() {
        if isPaused && peerFinished && endsWhenPeerFinished && phase == .open { endSoon(.peerClosed) }
    }

    /// Everything from here on, in both directions, is in compressed frames.
    package func startCompression(_ codec: FrameCodec) {
        guard phase == .open, compressed == nil else { return }
        let layer = CompressedLayer(codec, lane.compressionTools)
        compressed = layer
        compressionBegan = true
        guard !remainder.isEmpty else { return }
        layer.hold(UnsafeRawBufferPointer(remainder.bytes))
        remainder.removeAll()
        inputIsReady = true
    }

    // MARK: Writing

    /// Sends, and queues what the socket does not take.
    package func write(_ bytes: UnsafeRawBufferPointer) {
        if let compressed { return compressed.encode(bytes) { send($0) } }
        send(bytes)
    }

    @inline(__always)
    private func send(_ bytes: UnsafeRawBufferPointer) {
        guard phase == .open, pendingEnd == nil, bytes.count > 0 else { return }
        guard output.isEmpty else {
            output.append(bytes)
            return flush()
        }
        switch transport.write(bytes) {
        case .transferred(let sent) where sent == bytes.count: return
        case .transferred(let sent):
            output.append(UnsafeRawBufferPointer(rebasing: bytes[sent...]))
            flush()
        case .wouldBlock:
            outputIsBlocked = true
            output.append(bytes)
            noteCongestion()
        case .failed(let cause): endSoon(.failed(cause))
        }
    }

    /// Queues without a system call: for what can go with the next `write` or `flush`.
    package func enqueue(_ bytes: UnsafeRawBufferPointer) {
        guard phase == .open || phase == .connecting, pendingEnd == nil else { return }
        if let compressed { return compressed.encode(bytes) { output.append($0) } }
        output.append(bytes)
    }

    /// Sends what is queued, as far as the socket takes it.
    package func flush() {
        guard phase == .open || phase == .closing, pendingEnd == nil else { return }
        if transport.holdsOutput { flushHeld() }
        while !output.isEmpty && !outputIsBlocked {
            switch transport.write(UnsafeRawBufferPointer(output.bytes)) {
            case .transferred(let sent): output.removeFirst(sent)
            case .wouldBlock: outputIsBlocked = true
            case .failed(let cause): return endSoon(.failed(cause))
            }
        }
        noteCongestion()
    }

    private func flushHeld() {
        switch transport.flushHeld() {
        case .transferred: break
        case .wouldBlock: outputIsBlocked = true
        case .failed(let cause): endSoon(.failed(cause))
        }
    }

    private func noteCongestion() {
        if isCongested { wasCongested = true }
    }

    // MARK: Reading

    /// Takes nothing more from the kernel until `resumeReading`. No system call.
    package func pauseReading() { isPaused = true }

    /// Reads on, after the events at hand.
    package func resumeReading() {
        guard isPaused else { return }
        isPaused = false
        resumedInDelivery = true
        if inputIsReady || !remainder.isEmpty { schedule() }
    }

    private func readAll() {
        var rounds = 0
        var deliveries = 0
        while !isPaused && phase == .open && pendingEnd == nil {
            if holdsCommands {
                // What the owner can take already comes before more is read: it would pile up.
                deliveries += 1
                if deliveries > NetworkLimits.deliveriesPerWake { return schedule() }
                deliverRemainder()
            } else if inputIsReady {
                rounds += 1
                if rounds > NetworkLimits.readsPerWake { return schedule() }
                if remainder.count <= NetworkLimits.remainderCopyBytes {
                    readThroughScratch()
                } else {
                    readBehindRemainder()
                }
            } else {
                return
            }
        }
    }

    /// The usual way: the few bytes left over, if any, go in front of the new ones.
    private func readThroughScratch() {
        let held = remainder.count
        if held > 0 {
            lane.scratch.copyMemory(from: UnsafeRawBufferPointer(remainder.bytes))
            remainder.removeAll()
        }
        let space = UnsafeMutableRawBufferPointer(rebasing: lane.scratch[held...])
        switch receive(into: space) {
        case .transferred(let count) where count > 0:
            if isExhausted(count, of: space.count) && !peerFinished && !transport.holdsEnd { inputIsReady = false }
            deliver(UnsafeMutableRawBufferPointer(rebasing: lane.scratch[..<(held + count)]))
        case .transferred: endSoon(.peerClosed)
        case .wouldBlock:
            inputIsReady = compressed?.mustGoOn ?? false
            if held > 0 { remainder.append(UnsafeRawBufferPointer(rebasing: lane.scratch[..<held])) }
        case .failed(let cause): readFailed(cause)
        }
    }

    @inline(__always)
    private func receive(into space: UnsafeMutableRawBufferPointer) -> TransferResult {
        guard let compressed else { return transport.read(into: space) }
        return compressed.read(into: space) { transport.read(into: $0) }
    }

    /// Whether a read that filled so much of its space has left nothing in the socket.
    @inline(__always)
    private func isExhausted(_ count: Int, of space: Int) -> Bool {
        guard let compressed else { return count < space }
        return compressed.isExhausted
    }

    private func readFailed(_ cause: Int32) {
        if let error = compressed?.error { return endSoon(.undecodable(error)) }
        endSoon(.failed(cause))
    }

    /// The owner collects something long: it is read in place, so that it is not copied again at each read.
    private func readBehindRemainder() {
        guard remainder.count < NetworkLimits.remainderMaximumBytes else { return endSoon(.remainderTooLong) }
        let space = remainder.space(NetworkLimits.scratchBytes)
        switch receive(into: space) {
        case .transferred(let count) where count > 0:
            if isExhausted(count, of: space.count) && !peerFinished && !transport.holdsEnd { inputIsReady = false }
            remainder.appended(count)
            deliverRemainder()
        case .transferred: endSoon(.peerClosed)
        case .wouldBlock: inputIsReady = compressed?.mustGoOn ?? false
        case .failed(let cause): readFailed(cause)
        }
    }

    private func deliver(_ bytes: UnsafeMutableRawBufferPointer) {
        guard let owner else { return }
        resumedInDelivery = false
        compressionBegan = false
        let consumed = owner.streamReceived(self, bytes)
        guard consumed < bytes.count, phase == .open else {
            if phase == .securing { secure(UnsafeRawBufferPointer(rebasing: bytes[min(consumed, bytes.count)...])) }
            return
        }
        let rest = UnsafeRawBufferPointer(rebasing: bytes[consumed...])
        if compressionBegan { return holdCompressed(rest) }
        remainder.append(rest)
        noteHeldCommands()
    }

    private func deliverRemainder() {
        holdsCommands = false
        guard let owner, !remainder.isEmpty else { return }
        // Taken out for the call, so that the owner may pause, resume or close in it.
        var held = ByteQueue(keptBytes: 0)
        swap(&held, &remainder)
        resumedInDelivery = false
        compressionBegan = false
        let consumed = owner.streamReceived(self, held.bytes)
        guard phase == .open, consumed < held.count else {
            if phase == .securing { secure(UnsafeRawBufferPointer(rebasing: held.bytes[min(consumed, held.count)...])) }
            return
        }
        held.removeFirst(consumed)
        if compressionBegan { return holdCompressed(UnsafeRawBufferPointer(held.bytes)) }
        swap(&held, &remainder)
        noteHeldCommands()
    }

    /// Bytes behind the packet with which compression begins.
    private func holdCompressed(_ bytes: UnsafeRawBufferPointer) {
        compressed?.hold(bytes)
        inputIsReady = true
        schedule()
    }

    /// The owner asked for more before the rest was put aside: nobody else will bring it.
    private func noteHeldCommands() {
        guard resumedInDelivery && !isPaused else { return }
        holdsCommands = true
        schedule()
    }

    // MARK: Ending

    /// Closes now; queued bytes are lost. The owner hears nothing more.
    package func close() {
        guard phase != .closed else { return }
        phase = .closed
        owner = nil
        transport.sayGoodbye()
        lane.unregister(slot)
        Glibc.close(transport.descriptor)
        output.removeAll()
        remainder.removeAll()
    }

    /// Lets the peer take what is queued, shuts down, and closes when the peer does, or after
    /// `NetworkLimits.lingerMilliseconds`. The owner hears nothing more. Closing at once would let the kernel reset
    /// the connection over unread input, and the peer would lose the very message that says why.
    package func closeAfterFlush() {
        guard phase == .open, pendingEnd == nil else { return close() }
        phase = .closing
        owner = nil
        lane.setDeadline(slot, milliseconds: lane.nowMilliseconds + NetworkLimits.lingerMilliseconds)
        // Not at once: it reads into the scratch buffer, whose bytes the caller may still be looking at.
        schedule()
    }

    func continueClosing() {
        flush()
        guard phase == .closing, output.isEmpty, !transport.holdsOutput else { return }
        transport.sayGoodbye()
        shutdown(transport.descriptor, Int32(SHUT_WR))
        for _ in 0..<NetworkLimits.readsPerWake {
            switch transport.discard(into: lane.scratch) {
            case .transferred(let count) where count > 0: continue
            case .wouldBlock: return
            case .transferred, .failed: return close()
            }
        }
        schedule()
    }

    func endSoon(_ end: StreamEnd) {
        guard pendingEnd == nil, phase != .closed else { return }
        pendingEnd = end
        schedule()
    }

    /// Whether the stream ends as soon as its owner can be told.
    var isEnding: Bool { pendingEnd != nil }

    func schedule() {
        guard !isScheduled else { return }
        isScheduled = true
        lane.soon(self)
    }

    // MARK: The lane's calls

    package func runSoon() {
        isScheduled = false
        if let end = pendingEnd, phase != .closed {
            let owner = owner
            if case .undecodable = end {
                pendingEnd = nil
                inputIsReady = false
                owner?.streamClosed(self, end)
                if phase == .open { close() }
                return
            }
            let told = described(end)
            close()
            owner?.streamClosed(self, told)
            return
        }
        if phase == .closing { return continueClosing() }
        guard phase == .open, !isPaused else { return }
        deliverRemainder()
        readAll()
        endIfPeerFinished()
    }

    package func becameReady(_ readiness: Readiness) {
        // A failure that is known already waits to be told: an unconnected socket says that it can be written.
        guard pendingEnd == nil else { return }
        if phase == .connecting {
            guard !readiness.isDisjoint(with: [.output, .failure, .hangUp]) else { return }
            finishConnecting()
            guard phase == .open else { return }
        }
        if readiness.contains(.output) { outputIsBlocked = false }
        if phase == .closing { return continueClosing() }
        if phase == .securing {
            if !readiness.isDisjoint(with: [.peerFinished, .hangUp, .failure]) { peerFinished = true }
            transport.inputBecameReady(isFinished: peerFinished)
            return handshakeSoon()
        }
        if !output.isEmpty || transport.holdsOutput { flush() }
        if !readiness.isDisjoint(with: [.peerFinished, .hangUp, .failure]) {
            peerFinished = true
            inputIsReady = true
            // Nobody can take an answer any more, so there is no use in waiting for the owner to read on.
            if isPaused && endsWhenHungUp && !readiness.isDisjoint(with: [.hangUp, .failure]) {
                return endSoon(.peerClosed)
            }
        }
        if readiness.contains(.input) {
            inputIsReady = true
            compressed?.socketBecameReady()
        }
        if inputIsReady { transport.inputBecameReady(isFinished: peerFinished) }
        if inputIsReady && !isPaused { readAll() }
        endIfPeerFinished()
        if wasCongested && output.count <= NetworkLimits.outputLowWaterBytes && phase == .open {
            wasCongested = false
            owner?.streamDrained(self)
        }
    }

    private func finishConnecting() {
        var cause: Int32 = 0
        var length = socklen_t(4)
        getsockopt(transport.descriptor, SOL_SOCKET, SO_ERROR, &cause, &length)
        guard cause == 0 else { return endSoon(.failed(cause)) }
        phase = .open
        owner?.streamConnected(self)
        if phase == .open { flush() }
    }

    package func deadlinePassed() {
        if phase == .closing { return close() }
        owner?.streamDeadlinePassed(self)
    }
}
