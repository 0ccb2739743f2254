// The bounds of the network floor, each with its reason.

/// Bounds of buffers and loops in this floor. Bytes unless the name says otherwise.
package enum NetworkLimits {
    /// One read's size, and so the size of each lane's scratch buffer.
    package static let scratchBytes = 128 * 1024
    /// A stream whose output queue is longer than this is congested: its source must pause at once.
    package static let outputHighWaterBytes = 256 * 1024
    /// A congested stream is drained again when its queue is this short.
    package static let outputLowWaterBytes = 64 * 1024
    /// Input that its owner has not consumed and that is copied to the front of the scratch buffer at the next read;
    /// more than this is read in place behind what is held.
    package static let remainderCopyBytes = 16 * 1024
    /// The most unconsumed input a stream holds; an owner that collects more has a defect, so the stream is closed.
    package static let remainderMaximumBytes = 4 * 1024 * 1024
    /// An empty output buffer larger than this is freed.
    package static let keptOutputBytes = 4 * 1024
    /// Reads of one stream in one wake of its lane, so that one fast sender does not starve the others.
    package static let readsPerWake = 8
    /// Steps of TLS handshakes in one turn of a lane, between which its other sessions are served: a step takes up to a
    /// millisecond with usual keys.
    package static let handshakeStepsPerTurn = 4
    /// Readiness events taken from the kernel at once.
    package static let eventsPerWait = 256
    /// The longest PROXY protocol header of version 2 behind its first 16 bytes.
    package static let proxyHeaderBytes = 4_096
    /// How long a closing stream waits for its peer to take what is queued.
    package static let lingerMilliseconds: UInt64 = 2_000
    /// The janitor's period: deadlines pass at most this much late.
    package static let sweepMilliseconds: UInt64 = 50
    /// A client's connection that is silent for this long is probed by the kernel, which ends it after three probes without an
    /// answer. It has no TCP_USER_TIMEOUT: that would also end the connection of a client that is alive and does not read.
    package static let clientKeepaliveSeconds: Int32 = 60
    /// The same of a server's connection.
    package static let serverKeepaliveSeconds: Int32 = 10
    /// Connections waiting in the kernel to be accepted.
    package static let listenBacklog: Int32 = 4_096
    /// Connections accepted before other work of the listener's queue.
    package static let acceptsPerWake = 256
    /// A listener that finds no descriptor for a new connection looks again after this long.
    package static let acceptPauseMilliseconds = 100
    /// Deliveries of held input in one wake.
    package static let deliveriesPerWake = 64
    /// Addresses tried of one host name.
    package static let resolvedAddressesMaximum = 8
    /// Sockets that a process hands to the one that takes its place.
    package static let handedListenersMaximum = 256
    /// Bytes of a line that the two say to each other.
    package static let handOverLineBytes = 64 * 1024
}
