// A folder of its own in the temporary directory, and a guard that removes it even if this process dies.

import Foundation

/// A temporary folder.
package final class ScratchFolder: Sendable {
    package let path: String

    package init() throws {
        path =
            FileManager.default.temporaryDirectory.path + "/switchyard-test-\(getpid())-\(UUID().uuidString.prefix(8))"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
    }

    deinit { remove() }

    package func remove() { try? FileManager.default.removeItem(atPath: path) }

    /// Writes a file and gives its path.
    @discardableResult
    package func write(_ name: String, _ content: String) throws -> String {
        let file = "\(path)/\(name)"
        try content.write(toFile: file, atomically: false, encoding: .utf8)
        return file
    }

    package func read(_ name: String) -> String {
        let bytes = FileManager.default.contents(atPath: "\(path)/\(name)") ?? Data()
        return String(decoding: bytes, as: UTF8.self)
    }
}
