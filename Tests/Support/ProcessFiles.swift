// How many descriptors a process has open.

import Foundation

/// A process as `/proc` shows it.
package enum ProcessFiles {
    /// The number of open descriptors.
    package static func count(of pid: Int32) throws -> Int {
        try FileManager.default.contentsOfDirectory(atPath: "/proc/\(pid)/fd").count
    }
}
