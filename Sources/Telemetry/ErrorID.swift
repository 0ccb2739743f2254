// Short ids that join what a client was told with what the log says about it.

internal import Glibc
internal import Synchronization

/// Ids of errors, unique within a process and unlikely to repeat in the next one.
package enum ErrorID {
    // 16 bits of start time and process id tell the runs of one machine apart.
    private static let run: String = {
        var now = timespec()
        clock_gettime(CLOCK_REALTIME, &now)
        let mixed = (UInt64(bitPattern: Int64(now.tv_sec)) ^ (UInt64(now.tv_nsec) >> 10)) &+ UInt64(getpid()) &* 40_503
        return paddedNumber(mixed & 0xFFFF, width: 4, radix: 16)
    }()
    private static let issued = Atomic<UInt64>(0)

    /// The next id, for example `E-1a2b-000123`: the process's run in hexadecimal, then a count from 1.
    package static func next() -> String {
        let number = issued.wrappingAdd(1, ordering: .relaxed).newValue
        return "E-\(run)-\(paddedNumber(number, width: 6))"
    }
}

/// `value` in the given radix with zeros in front, at least `width` digits.
func paddedNumber(_ value: UInt64, width: Int, radix: Int = 10) -> String {
    let digits = String(value, radix: radix)
    return String(repeating: "0", count: max(0, width - digits.utf8.count)) + digits
}
