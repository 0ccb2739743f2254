// A lane: one thread's event loop, and everything that lives on it.
internal import CLinux
internal import Compression
internal import Dispatch
internal import Glibc

/// One serial queue whose only work item loops in `epoll_wait` (see ARCHITECTURE.md for why not a `DispatchSource` per
/// socket). Clients, the servers they use and their pool live on one lane for life, so the data path takes no lock.
///
/// `@unchecked Sendable` because every stored `var` is touched only by the loop's own thread; other threads use `post`.
package final class Lane: @unchecked Sendable {
    /// Position in its group, from 0.
    package let number: Int
    /// Where a read puts its bytes; valid until the next read on this lane.
    package let scratch: UnsafeMutableRawBufferPointer

    /// What the lane's compressed streams share; made when the first of them needs it.
    private(set) lazy var compressionTools = CompressionTools()

    private let readiness: Int32
    private let mailbox = Mailbox()
    private let queue: DispatchQueue
    private let events: UnsafeMutablePointer<epoll_event>
    private var handlers: ContiguousArray<(any ReadinessHandler)?> = []
    private var generations: ContiguousArray<UInt32> = []
    private var deadlines: ContiguousArray<UInt64> = []
    private var freeIndices: ContiguousArray<UInt32> = []
    private var deferred: ContiguousArray<any DeferredWork> = []
    private var handshakes = FairQueue<String, any HandshakeWork>()
    private var sweepers: [(UInt64) -> Void] = []
    private var now: UInt64
    private var nextSweep: UInt64 = 0
    private var stopping = false
    private var thread = pthread_self()

    /// Makes the lane; nothing runs until `start`.
    package init(number: Int) {
        self.number = number
        queue = DispatchQueue(label: "switchyard.lane.\(number)", qos: .userInitiated)
        scratch = .allocate(byteCount: NetworkLimits.scratchBytes, alignment: 64)
        events = .allocate(capacity: NetworkLimits.eventsPerWait)
        readiness = epoll_create1(Int32(EPOLL_CLOEXEC))
        precondition(readiness >= 0, "epoll_create1: \(errno)")
        now = Self.monotonicNanoseconds()
    }

    deinit {
        close(readiness)
        scratch.deallocate()
        events.deallocate()
    }

    /// Starts the loop.
    package func start() {
        var event = epoll_event()
        event.events = EPOLLIN.rawValue
        event.data.u64 = Self.mailboxMark
        epoll_ctl(readiness, EPOLL_CTL_ADD, mailbox.descriptor, &event)
        queue.async { [self] in run() }
    }

    /// Ends the loop after the events at hand. Registered descriptors are left to their owners.
    package func stop() {
        post { [self] in stopping = true }
    }

    /// Runs `work` on the lane, from any thread, in the order of the calls.
    package func post(_ work: @escaping @Sendable () -> Void) { mailbox.post(work) }

    /// Whether the caller is on this lane. For assertions.
    package var isCurrent: Bool { pthread_equal(thread, pthread_self()) != 0 }

    /// Monotonic time of the present wake, in nanoseconds: read once per wake, not per call.
    package var nowNanoseconds: UInt64 { now }

    /// Monotonic time of the present wake, in milliseconds.
    package var nowMilliseconds: UInt64 { now / 1_000_000 }

    /// Runs `work` about every `NetworkLimits.sweepMilliseconds`, with the monotonic milliseconds. On the lane only.
    package func addSweeper(_ work: @escaping (UInt64) -> Void) { sweepers.append(work) }

    /// Runs `work` after the events at hand. On the lane only.
    package func soon(_ work: any DeferredWork) { deferred.append(work) }

    /// Runs one step of a handshake as soon as its turn comes: those of one peer wait for each other, those of others
    /// take turns with them, and all other work of the lane goes on between a few of them. On the lane only.
    package func handshakeSoon(_ work: any HandshakeWork, of peer: String) { handshakes.append(work, of: peer) }

    // MARK: Descriptors

    /// Registers a descriptor, edge-triggered for both directions, so that no later call to the kernel is needed.
    /// Returns nil when the kernel refuses (no memory, or its limit on watches), with `errno` set.
    package func register(_ descriptor: Int32, _ handler: any ReadinessHandler) -> LaneSlot? {
        let index: UInt32
        if let free = freeIndices.popLast() {
            index = free
        } else {
            index = UInt32(handlers.count)
            handlers.append(nil)
            generations.append(0)
            deadlines.append(0)
        }
        let slot = LaneSlot(index: index, generation: generations[Int(index)])
        var event = epoll_event()
        event.events = EPOLLIN.rawValue | EPOLLOUT.rawValue | EPOLLRDHUP.rawValue | EPOLLET.rawValue
        event.data.u64 = UInt64(slot.index) | UInt64(slot.generation) << 32
        guard epoll_ctl(readiness, EPOLL_CTL_ADD, descriptor, &event) == 0 else {
            freeIndices.append(index)
            return nil
        }
        handlers[Int(index)] = handler
        return slot
    }

    /// Forgets a slot; the caller closes the descriptor, which removes it from the kernel's set.
    package func unregister(_ slot: LaneSlot) {
        let index = Int(slot.index)
        guard index < handlers.count, generations[index] == slot.generation, handlers[index] != nil else { return }
        handlers[index] = nil
        deadlines[index] = 0
        generations[index] &+= 1
        freeIndices.append(slot.index)
    }

    /// Sets the one deadline of a slot, in this lane's monotonic milliseconds; 0 clears it.
    package func setDeadline(_ slot: LaneSlot, milliseconds: UInt64) {
        guard slot.index < deadlines.count, generations[Int(slot.index)] == slot.generation else { return }
        deadlines[Int(slot.index)] = milliseconds
    }

    // MARK: The loop

    private static let mailboxMark = UInt64.max

    private func run() {
        thread = pthread_self()
        // So that `top -H` and profilers tell the lanes from what serves admins.
        switchyard_name_thread("lane-\(number)")
        while !stopping {
            let timeout = deferred.isEmpty && handshakes.isEmpty ? Int32(NetworkLimits.sweepMilliseconds) : 0
            let count = Int(
                switchyard_epoll_wait(
                    readiness, events, Int32(NetworkLimits.eventsPerWait), waitTimeout(timeout)))
            now = Self.monotonicNanoseconds()
            for position in 0..<max(count, 0) { dispatch(events[position]) }
            runDeferred()
            runHandshakes()
            sweepIfDue()
        }
    }

    /// An idle lane with no deadline and no sweeper sleeps until something happens.
    private func waitTimeout(_ usual: Int32) -> Int32 {
        usual != 0 && sweepers.isEmpty && handlers.count == freeIndices.count ? -1 : usual
    }

    @inline(__always)
    private func dispatch(_ event: epoll_event) {
        let mark = event.data.u64
        if mark == Self.mailboxMark {
            for work in mailbox.takeAll() { work() }
            return
        }
        let index = Int(mark & 0xFFFF_FFFF)
        guard generations[index] == UInt32(mark >> 32), let handler = handlers[index] else { return }
        handler.becameReady(Readiness(rawValue: event.events))
    }

    private func runDeferred() {
        guard !deferred.isEmpty else { return }
        // What is deferred meanwhile waits for the next round, so that events are not starved.
        let batch = deferred
        deferred.removeAll(keepingCapacity: true)
        for work in batch { work.runSoon() }
    }

    private func runHandshakes() {
        guard !handshakes.isEmpty else { return }
        var steps = 0
        while steps < NetworkLimits.handshakeStepsPerTurn, let work = handshakes.next() {
            if work.runHandshakeStep() { steps += 1 }
        }
    }

    private func sweepIfDue() {
        let milliseconds = now / 1_000_000
        guard milliseconds >= nextSweep else { return }
        nextSweep = milliseconds + NetworkLimits.sweepMilliseconds
        for index in deadlines.indices where deadlines[index] != 0 && deadlines[index] <= milliseconds {
            deadlines[index] = 0
            handlers[index]?.deadlinePassed()
        }
        for sweeper in sweepers { sweeper(milliseconds) }
    }

    private static func monotonicNanoseconds() -> UInt64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
    }
}
