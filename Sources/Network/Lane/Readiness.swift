// What the kernel said of one descriptor, and who wants to hear it.
internal import CLinux

/// The readiness of a descriptor, as `epoll_wait` reports it.
@usableFromInline package struct Readiness: OptionSet, Sendable {
    @usableFromInline package let rawValue: UInt32
    @inlinable package init(rawValue: UInt32) { self.rawValue = rawValue }

    /// Bytes, or the end of the stream, can be read.
    @inlinable package static var input: Readiness { Readiness(rawValue: 0x001) }
    /// Bytes can be written.
    @inlinable package static var output: Readiness { Readiness(rawValue: 0x004) }
    /// The descriptor failed.
    @inlinable package static var failure: Readiness { Readiness(rawValue: 0x008) }
    /// Both directions are shut.
    @inlinable package static var hangUp: Readiness { Readiness(rawValue: 0x010) }
    /// The peer will send nothing more.
    @inlinable package static var peerFinished: Readiness { Readiness(rawValue: 0x2000) }
}

/// An object that a lane wakes. All calls come on its lane.
package protocol ReadinessHandler: AnyObject {
    /// The descriptor changed: edge-triggered, so it is said once until everything was read or written.
    func becameReady(_ readiness: Readiness)
    /// The deadline set with `Lane.setDeadline` passed; it is cleared before the call.
    func deadlinePassed()
}

/// Work that a lane runs after the events at hand, instead of in the middle of them.
package protocol DeferredWork: AnyObject {
    /// Called once for each `Lane.soon`, on the lane.
    func runSoon()
}

/// The handshakes of TLS, whose steps take a good part of a millisecond each: they have a budget in each turn of a lane.
package protocol HandshakeWork: AnyObject {
    /// One step, on the lane. False when there was nothing to do any more.
    func runHandshakeStep() -> Bool
}

/// The place of a registered descriptor in its lane: index and generation, so that an event for a closed
/// descriptor never reaches the one that took its place.
package struct LaneSlot: Hashable, Sendable {
    let index: UInt32
    let generation: UInt32

    /// No place: never matches a registered one.
    static let none = LaneSlot(index: .max, generation: .max)
}
