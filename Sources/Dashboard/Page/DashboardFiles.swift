// The files in Resources, which are compiled in.

internal import CDashboardFiles

/// What is in `Resources`.
enum DashboardFiles {
    private static let all: [String: [UInt8]] = {
        var files: [String: [UInt8]] = [:]
        var next = switchyard_dashboard_files()
        while let file = next?.pointee, let path = file.path {
            files[String(cString: path)] = Array(UnsafeBufferPointer(start: file.bytes, count: file.count))
            next = next?.advanced(by: 1)
        }
        return files
    }()

    /// A file by its path in `Resources`, which is one of those that `CDashboardFiles` names.
    static subscript(path: String) -> [UInt8] {
        guard let bytes = all[path] else { preconditionFailure("CDashboardFiles does not have \(path)") }
        return bytes
    }
}
