// What this process may use of its machine, and what that means for settings that are left to it.

internal import Glibc

/// Processors, memory and descriptors, as far as they are limited.
package struct MachineLimits: Sendable, Equatable {
    /// Processors that the process may run on: its affinity, which a `cpuset` restricts.
    package var processors: Int
    /// Processors' worth of time that its control groups grant, rounded up; nil for no limit.
    package var groupProcessors: Int?
    /// Bytes of memory that its control groups grant; nil for no limit.
    package var memoryBytes: Int?
    /// Descriptors that it may have (`RLIMIT_NOFILE`); nil for no limit.
    package var descriptors: Int?

    /// Descriptors for anything but clients and server connections: listeners, lanes, probes, the console, the log.
    private static let otherDescriptors = 256
    /// What a client takes, with room to spare: idle ones take some 4 KiB, TLS and results that wait to be read more.
    private static let clientBytes = 32 * 1_024
    /// Clients get one part of the memory in so many.
    private static let memoryParts = 2
    /// A processor with a number beyond this is a misreading.
    private static let processorsMaximum = 1 << 20
    /// The longest file read for this.
    private static let fileBytes = 64 * 1_024

    /// Limits by value.
    package init(
        processors: Int, groupProcessors: Int? = nil, memoryBytes: Int? = nil, descriptors: Int? = nil
    ) {
        self.processors = processors
        self.groupProcessors = groupProcessors
        self.memoryBytes = memoryBytes
        self.descriptors = descriptors
    }

    /// Those of this process now.
    package static func current() -> MachineLimits {
        let file: (String) -> String? = { path in
            (try? readFile(path, maximumBytes: fileBytes)).map { String(decoding: $0, as: UTF8.self) }
        }
        let group = ControlGroupLimits(file: file)
        return MachineLimits(
            processors: processors(inStatus: file("/proc/self/status") ?? "")
                ?? max(1, Int(sysconf(Int32(_SC_NPROCESSORS_ONLN)))),
            groupProcessors: group.processors, memoryBytes: group.memoryBytes, descriptors: descriptorLimit)
    }

    private static var descriptorLimit: Int? {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(UInt32(RLIMIT_NOFILE.rawValue)), &limit) == 0 else { return nil }
        // RLIM_INFINITY is the largest number there is.
        return Int(exactly: limit.rlim_cur)
    }

    /// The affinity in the text of `/proc/<pid>/status`: `Cpus_allowed_list: 0-3,8`.
    static func processors(inStatus text: String) -> Int? {
        let name = "Cpus_allowed_list:"
        guard let line = text.split(separator: "\n").first(where: { $0.hasPrefix(name) }) else { return nil }
        var count = 0
        for part in line.dropFirst(name.count).split(whereSeparator: { $0 == "," || $0.isWhitespace }) {
            let ends = part.split(separator: "-", omittingEmptySubsequences: false).map { Int($0) ?? -1 }
            guard let first = ends.first, let last = ends.last, ends.count <= 2, first >= 0, first <= last,
                last < processorsMaximum
            else { return nil }
            count += last - first + 1
        }
        return count > 0 ? count : nil
    }

    // MARK: What follows

    /// Event loops when the settings leave it open: more than there is time for would only wait for each other.
    package var lanes: Int { max(1, min(processors, groupProcessors ?? processors, Settings.maximumLanes)) }

    /// How many clients have descriptors, when server connections take so many; nil when nothing limits them. Half of
    /// them are the clients' in any case: not all of those connections need be.
    package func clientsWithDescriptors(besides serverConnections: Int) -> Int? {
        guard let descriptors else { return nil }
        let room = max(0, descriptors - Self.otherDescriptors)
        return max(room / 2, room - serverConnections, 1)
    }

    /// How many clients have memory; nil when nothing limits them.
    package var clientsWithMemory: Int? {
        memoryBytes.map { max(1, $0 / Self.memoryParts / Self.clientBytes) }
    }

    /// In words, for the log.
    package var facts: [(name: String, value: String)] {
        func number(_ limit: Int?) -> String { limit.map { "\($0)" } ?? "unlimited" }
        return [
            ("processors", "\(processors)"), ("group_processors", number(groupProcessors)),
            ("group_memory", memoryBytes.map { SizeText.describe($0) } ?? "unlimited"),
            ("descriptors", number(descriptors)),
        ]
    }
}

extension Settings {
    /// The same with everything filled in that is left to the machine.
    package func fitted(to machine: MachineLimits) -> Settings {
        guard !limits.clientsAreGiven else { return self }
        var fitted = self
        for room in [machine.clientsWithDescriptors(besides: serverConnectionsExpected), machine.clientsWithMemory] {
            if let room { fitted.limits.clients = min(fitted.limits.clients, room) }
        }
        return fitted
    }

    /// Why the clients that the settings ask for may not all find room, in words; nil when they do.
    package func shortage(on machine: MachineLimits) -> String? {
        guard limits.clientsAreGiven, let room = machine.clientsWithDescriptors(besides: 0), room < limits.clients
        else {
            return nil
        }
        return "limits.clients is \(limits.clients), and there are descriptors for \(room) at most (ulimit -n)"
    }

    /// Those to the nodes that are listed; others may be discovered.
    private var serverConnectionsExpected: Int {
        if limits.serverConnections > 0 { return limits.serverConnections }
        let nodes = clusters.reduce(0) { $0 + $1.nodes.count }
        let (connections, overflow) = nodes.multipliedReportingOverflow(by: limits.serverConnectionsPerNode)
        return overflow ? Int.max : connections
    }
}
