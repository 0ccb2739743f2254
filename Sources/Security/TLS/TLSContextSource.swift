// Where new handshakes get their context: it changes when the files do.

import Synchronization

/// A context that can be replaced while others use it. Any thread.
package final class TLSContextSource: Sendable {
    private let held: Mutex<TLSContext>
    private let make: @Sendable () throws(TLSFailure) -> TLSContext
    /// Handshakes that ended well, and those of them that resumed a session.
    package let handshakes = TLSHandshakeCounters()

    /// A source whose context is made by `make`, now and at each reload.
    package init(_ make: @escaping @Sendable () throws(TLSFailure) -> TLSContext) throws(TLSFailure) {
        held = Mutex(try make())
        self.make = make
    }

    /// The context for a new handshake.
    package var current: TLSContext { held.withLock { $0 } }

    /// Reads the files again. When one is broken, the present context stays.
    package func reload() throws(TLSFailure) {
        let new = try make()
        held.withLock { $0 = new }
    }
}

/// Totals of the handshakes of one source. Relaxed: they are shown.
package final class TLSHandshakeCounters: Sendable {
    private let done = Atomic<Int>(0)
    private let resumed = Atomic<Int>(0)
    private let failed = Atomic<Int>(0)
    private let peerEnd = Atomic<Int64>(0)

    /// Handshakes that ended well.
    package var completed: Int { done.load(ordering: .relaxed) }
    /// Of those, the ones that resumed an earlier session.
    package var resumptions: Int { resumed.load(ordering: .relaxed) }
    /// Handshakes that failed.
    package var failures: Int { failed.load(ordering: .relaxed) }
    /// When the certificate that a peer showed last ends, in seconds since 1970; 0 when none was shown.
    package var peerNotAfterUnixSeconds: Int64 { peerEnd.load(ordering: .relaxed) }

    /// A handshake ended well.
    package func completed(_ session: TLSSession) {
        done.add(1, ordering: .relaxed)
        if session.isResumed { resumed.add(1, ordering: .relaxed) }
        if let end = session.peerCertificate?.notAfterUnixSeconds { peerEnd.store(end, ordering: .relaxed) }
    }

    /// A handshake failed.
    package func handshakeFailed() { failed.add(1, ordering: .relaxed) }
}
