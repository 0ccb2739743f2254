// How much memory the process has, as the kernel counts it.

internal import Glibc

/// The memory of this process.
package enum ProcessMemory {
    /// `/proc/self/status` has some 1500 bytes, and the figure is in the first thousand.
    private static let statusBytes = 8 * 1_024

    /// Bytes that are resident now; nil where the kernel does not say.
    package static var residentBytes: Int? {
        let descriptor = open("/proc/self/status", O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var bytes = [UInt8](repeating: 0, count: statusBytes)
        let count = read(descriptor, &bytes, bytes.count)
        guard count > 0 else { return nil }
        return residentSize(inStatus: String(decoding: bytes[..<count], as: UTF8.self))
    }

    /// The same from the text of `/proc/<pid>/status`, whose line is `VmRSS:     1234 kB`.
    static func residentSize(inStatus text: String) -> Int? {
        for line in text.split(separator: "\n") where line.hasPrefix("VmRSS:") {
            let words = line.split { $0 == " " || $0 == "\t" }
            guard words.count == 3, words[2] == "kB", let kibibytes = Int(words[1]) else { return nil }
            let (bytes, overflow) = kibibytes.multipliedReportingOverflow(by: 1_024)
            return overflow ? nil : bytes
        }
        return nil
    }
}
