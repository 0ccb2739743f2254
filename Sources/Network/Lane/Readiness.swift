// What the kernel said of one descriptor, and who wants to hear it.
internal import CLinux

/// The readiness of a descriptor, as `epoll_wait` reports it.
package struct Readiness: OptionSet, Sendable {
    package let rawValue: UInt32
    package init(rawValue: UInt32) { self.rawValue = rawValue }

    /// Bytes, or the end of the stream, can be read.
    package static let input = Readiness(rawValue: 0x001)
    /// Bytes can be written.
    package static let output = Readiness(rawValue: 0x004)
    /// The descriptor failed.
    package static let failure = Readiness(rawValue: 0x008)
    /// Both directions are shut.
    package static let hangUp = Readiness(rawValue: 0x010)
    /// The peer will send nothing more.
    package static let peerFinished = Readiness(rawValue: 0x2000)
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

/// The place of a registered descriptor in its lane: index and generation, so that an event for a closed
/// descriptor never reaches the one that took its place.
package struct LaneSlot: Hashable, Sendable {
    let index: UInt32
    let generation: UInt32

    /// No place: never matches a registered one.
    static let none = LaneSlot(index: .max, generation: .max)
}
