// What the control groups that a process is in let it use, of version 1 and 2. Pure: the files are given.
//
// https://docs.kernel.org/admin-guide/cgroup-v2.html and cgroup-v1/

/// Processor time and memory.
struct ControlGroupLimits: Equatable {
    /// Processors' worth of time, rounded up; nil for no limit.
    private(set) var processors: Int?
    /// Bytes of memory; nil for no limit.
    private(set) var memoryBytes: Int?

    private static let mount = "/sys/fs/cgroup"
    /// Groups, one in the other, that are looked at.
    private static let depthMaximum = 32
    /// Version 1 has a number near the largest one for no limit.
    private static let unlimitedBytes = 1 << 60

    /// - Parameter file: gives the text of a file; nil for one that is not there.
    init(file: (String) -> String?) {
        for line in (file("/proc/self/cgroup") ?? "").split(separator: "\n") {
            // `4:cpu,cpuacct:/path`; `0::/path` is version 2, which has no controllers of its own.
            let parts = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
            guard parts.count == 3 else { continue }
            let controllers = parts[1].split(separator: ",")
            if parts[1].isEmpty {
                for folder in Self.folders(Self.mount, parts[2]) {
                    tighten(processors: Self.processors(cpuMax: file("\(folder)/cpu.max")))
                    tighten(memoryBytes: Self.number(file("\(folder)/memory.max")))
                }
            }
            if controllers.contains("cpu") {
                for folder in Self.folders("\(Self.mount)/cpu", parts[2]) {
                    let quota = Self.number(file("\(folder)/cpu.cfs_quota_us"))
                    let period = Self.number(file("\(folder)/cpu.cfs_period_us"))
                    tighten(processors: Self.processors(quota: quota, period: period))
                }
            }
            if controllers.contains("memory") {
                for folder in Self.folders("\(Self.mount)/memory", parts[2]) {
                    tighten(memoryBytes: Self.number(file("\(folder)/memory.limit_in_bytes")))
                }
            }
        }
    }

    private mutating func tighten(processors limit: Int?) {
        if let limit { processors = min(limit, processors ?? limit) }
    }

    private mutating func tighten(memoryBytes limit: Int?) {
        if let limit, limit < Self.unlimitedBytes { memoryBytes = min(limit, memoryBytes ?? limit) }
    }

    /// The folders of the group and of all groups around it: the tightest limit holds. In a container the path may be the
    /// host's, of which only the last of them is to be seen.
    private static func folders(_ mount: String, _ path: Substring) -> [String] {
        let names = path.split(separator: "/").filter { $0 != ".." }.prefix(depthMaximum)
        return (0...names.count).map { depth in
            names.prefix(depth).reduce(mount) { "\($0)/\($1)" }
        }
    }

    /// `200000 100000` is a quota and its period in microseconds, `max 100000` is no limit.
    static func processors(cpuMax text: String?) -> Int? {
        let words = (text ?? "").split { $0.isWhitespace }
        guard words.count == 2 else { return nil }
        return processors(quota: Int(words[0]), period: Int(words[1]))
    }

    /// Without a limit the quota is -1, or no number.
    private static func processors(quota: Int?, period: Int?) -> Int? {
        guard let quota, let period, quota > 0, period > 0 else { return nil }
        return quota / period + (quota % period > 0 ? 1 : 0)
    }

    /// A number above 0; nil for `max`, for -1, and for what is no number.
    private static func number(_ text: String?) -> Int? {
        let words = (text ?? "").split { $0.isWhitespace }
        guard words.count == 1, let number = Int(words[0]), number > 0 else { return nil }
        return number
    }
}
