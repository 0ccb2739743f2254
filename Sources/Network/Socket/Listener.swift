// A listening socket: accepts, and hands each connection on.
internal import CLinux
internal import Dispatch
internal import Glibc
internal import Synchronization

/// Why a listener could not be opened, in words for the operator.
package struct ListenError: Error, CustomStringConvertible, Sendable {
    package let description: String
}

/// A bound and listening socket. Accepted descriptors are non-blocking and close-on-exec; the receiver owns them.
package final class Listener: Sendable {
    /// The address with the port the kernel chose when 0 was asked for.
    package let address: SocketAddress
    let descriptor: Int32
    /// `nonisolated(unsafe)` because a dispatch source is a thread-safe object that only lacks the annotation.
    nonisolated(unsafe) private let source: any DispatchSourceRead
    private let onAccept: @Sendable (_ descriptor: Int32, _ peer: SocketAddress?) -> Void
    private let closed = Atomic<Bool>(false)
    private let queue = DispatchQueue(label: "switchyard.listener")
    /// Given up to accept and close one connection when the process has no descriptor left: otherwise the
    /// listener would spin on EMFILE while clients wait for a greeting that never comes.
    private let reserve: Mutex<Int32>

    /// Binds and listens. A port in use is an error: no `SO_REUSEPORT`, two proxies never share a port silently.
    ///
    /// - Parameter inherited: a socket that listens on the address already, which becomes the listener's; its queue goes on.
    package init(
        _ wanted: SocketAddress, inherited: Int32? = nil,
        onAccept: @escaping @Sendable (Int32, SocketAddress?) -> Void
    ) throws(ListenError) {
        self.onAccept = onAccept
        descriptor = if let inherited { inherited } else { try Self.open(wanted) }
        address = Self.boundAddress(descriptor) ?? wanted
        reserve = Mutex(Glibc.open("/dev/null", O_RDONLY | O_CLOEXEC))
        source = DispatchSource.makeReadSource(fileDescriptor: descriptor, queue: queue)
        source.setEventHandler { [weak self] in self?.acceptAll() }
        let closing = descriptor
        source.setCancelHandler { Glibc.close(closing) }
    }

    /// A source that was never activated must not be released.
    deinit { close() }

    /// Starts to accept.
    package func start() { source.activate() }

    /// Stops to accept; connections already handed on are not touched. Idempotent.
    package func close() { close(isHandedOver: false) }

    /// The same where another process goes on to listen with this socket: a Unix path stays, and who waits in the queue
    /// is accepted there.
    package func leave() { close(isHandedOver: true) }

    private func close(isHandedOver: Bool) {
        guard !closed.exchange(true, ordering: .acquiringAndReleasing) else { return }
        source.activate()
        source.cancel()
        if address.family == AF_UNIX && !isHandedOver { unlink(address.host) }
        reserve.withLock { spare in
            if spare >= 0 { Glibc.close(spare) }
            spare = -1
        }
    }

    private static func open(_ wanted: SocketAddress) throws(ListenError) -> Int32 {
        if wanted.family == AF_UNIX { try removeStaleSocket(wanted) }
        let descriptor = socket(
            wanted.family, Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw ListenError(description: "\(wanted): \(errorText(errno))") }
        var on: Int32 = 1
        if wanted.isInternet { setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &on, 4) }
        let bound = wanted.withKernelAddress { bind(descriptor, $0, $1) }
        guard bound == 0, listen(descriptor, NetworkLimits.listenBacklog) == 0 else {
            let cause = errno
            Glibc.close(descriptor)
            let hint = cause == EADDRINUSE ? " (another program, or another Switchyard, has it)" : ""
            throw ListenError(description: "cannot listen on \(wanted): \(errorText(cause))\(hint)")
        }
        return descriptor
    }

    /// A socket file that nobody answers on was left by a process that died; one that answers is in use.
    private static func removeStaleSocket(_ wanted: SocketAddress) throws(ListenError) {
        var status = stat()
        guard lstat(wanted.host, &status) == 0 else { return }
        guard status.st_mode & S_IFMT == S_IFSOCK else {
            throw ListenError(description: "cannot listen on \(wanted): the path exists and is not a socket")
        }
        // Non-blocking, because one whose accept queue is full would keep us waiting; EAGAIN says that it lives.
        let probe = socket(
            AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard probe >= 0 else { throw ListenError(description: "\(wanted): \(errorText(errno))") }
        defer { Glibc.close(probe) }
        if wanted.withKernelAddress({ connect(probe, $0, $1) }) == 0 || errno == EAGAIN {
            throw ListenError(description: "cannot listen on \(wanted): another program answers there")
        }
        unlink(wanted.host)
    }

    static func boundAddress(_ descriptor: Int32) -> SocketAddress? {
        var storage = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        return withUnsafeMutablePointer(to: &storage) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                getsockname(descriptor, address, &length) == 0 ? SocketAddress(address, length: length) : nil
            }
        }
    }

    private func acceptAll() {
        for _ in 0..<NetworkLimits.acceptsPerWake {
            guard !closed.load(ordering: .acquiring) else { return }
            var storage = sockaddr_storage()
            var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
            let (accepted, peer) = withUnsafeMutablePointer(to: &storage) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                    let accepted = switchyard_accept(descriptor, address, &length)
                    return (accepted, accepted >= 0 ? SocketAddress(address, length: length) : nil)
                }
            }
            if accepted >= 0 {
                onAccept(accepted, peer)
            } else if errno == EMFILE || errno == ENFILE {
                if !refuseOne() { return pauseAccepting() }
            } else if errno == ENOBUFS || errno == ENOMEM {
                return pauseAccepting()
            } else if !isOfOneConnection(errno) {
                return
            }
        }
    }

    /// Errors of the connection that was to be accepted, which `accept` passes on (accept(2)): the next one may be well.
    private func isOfOneConnection(_ error: Int32) -> Bool {
        switch error {
        case EINTR, ECONNABORTED, EPROTO, EPERM, ENETDOWN, ENOPROTOOPT, EHOSTDOWN, ENONET, EHOSTUNREACH, EOPNOTSUPP,
            ENETUNREACH, ETIMEDOUT, ECONNRESET:
            true
        default: false
        }
    }

    /// Accepts and closes one with the reserve descriptor; false when nobody was there, or none was to be had.
    private func refuseOne() -> Bool {
        reserve.withLock { spare in
            if spare >= 0 { Glibc.close(spare) }
            let refused = switchyard_accept(descriptor, nil, nil)
            if refused >= 0 { Glibc.close(refused) }
            spare = Glibc.open("/dev/null", O_RDONLY | O_CLOEXEC)
            return refused >= 0 && spare >= 0
        }
    }

    /// Without a descriptor to be had the listener would be woken for ever: its queue, which does nothing else, waits.
    private func pauseAccepting() { usleep(UInt32(NetworkLimits.acceptPauseMilliseconds) * 1_000) }
}

/// The system's words for an error number.
package func errorText(_ number: Int32) -> String {
    String(cString: strerror(number))
}
