// What control groups, affinity and descriptors say, and what follows for the defaults.

import Testing

@testable import Configuration

@Suite struct MachineLimitsTests {
    private func group(_ files: [String: String]) -> [Int?] {
        let limits = ControlGroupLimits { files[$0] }
        return [limits.processors, limits.memoryBytes]
    }

    @Test func `version 2 says a quota and a period, rounded up, and bytes`() {
        for (quota, processors) in [
            ("200000 100000\n", 2), ("150000 100000", 2), ("1000 100000", 1), ("max 100000", nil), ("", nil),
            ("5 0", nil), ("-1 100000", nil), ("1 2 3", nil),
        ] as [(String, Int?)] {
            let found = group([
                "/proc/self/cgroup": "0::/\n", "/sys/fs/cgroup/cpu.max": quota, "/sys/fs/cgroup/memory.max": "1000\n",
            ])
            #expect(found == [processors, 1_000], "\(quota)")
        }
    }

    @Test func `the tightest of the groups around it holds`() {
        let files = [
            "/proc/self/cgroup": "0::/pod/../box\n", "/sys/fs/cgroup/pod/cpu.max": "300000 100000",
            "/sys/fs/cgroup/pod/box/cpu.max": "max 100000", "/sys/fs/cgroup/pod/memory.max": "max",
            "/sys/fs/cgroup/pod/box/memory.max": "4096",
        ]
        #expect(group(files) == [3, 4_096])
    }

    @Test func `version 1 says it in files of its own, and in a container at the root`() {
        let files = [
            "/proc/self/cgroup": "9:memory:/docker/x\n4:cpu,cpuacct:/docker/x\n3:cpuset:/\n0::/\n",
            "/sys/fs/cgroup/cpu/cpu.cfs_quota_us": "250000\n", "/sys/fs/cgroup/cpu/cpu.cfs_period_us": "100000\n",
            "/sys/fs/cgroup/memory/memory.limit_in_bytes": "536870912\n",
        ]
        #expect(group(files) == [3, 536_870_912])
    }

    @Test func `without a limit, and without control groups, there is none`() {
        let unlimited = [
            "/proc/self/cgroup": "9:memory:/\n4:cpu:/\n",
            "/sys/fs/cgroup/cpu/cpu.cfs_quota_us": "-1", "/sys/fs/cgroup/cpu/cpu.cfs_period_us": "100000",
            "/sys/fs/cgroup/memory/memory.limit_in_bytes": "9223372036854771712",
        ]
        #expect(group(unlimited) == [nil, nil])
        for text in ["", "nonsense", "::", "0:", "0::"] { #expect(group(["/proc/self/cgroup": text]) == [nil, nil]) }
        #expect(group([:]) == [nil, nil])
    }

    @Test func `the affinity is a list of ranges`() {
        for (list, count) in [
            ("0-3,8", 5), ("0", 1), ("2,4,6-7", 4), ("", nil), ("3-1", nil), ("a", nil), ("0-99999999999", nil),
            ("1-2-3", nil), ("-2", nil),
        ] as [(String, Int?)] {
            let status = "Name:\tx\nCpus_allowed:\tff\nCpus_allowed_list:\t\(list)\nMems_allowed:\t1\n"
            #expect(MachineLimits.processors(inStatus: status) == count, "\(list)")
        }
        #expect(MachineLimits.processors(inStatus: "Name:\tx") == nil)
    }

    @Test func `there are as many lanes as processors or time for them`() {
        #expect(MachineLimits(processors: 8).lanes == 8)
        #expect(MachineLimits(processors: 8, groupProcessors: 2).lanes == 2)
        #expect(MachineLimits(processors: 2, groupProcessors: 8).lanes == 2)
        #expect(MachineLimits(processors: 0).lanes == 1)
    }

    private func clients(_ settings: Settings, _ machine: MachineLimits) -> Int {
        settings.fitted(to: machine).limits.clients
    }

    @Test func `clients are as many as have descriptors and memory, and 10000 at most`() throws {
        let settings = try parse(minimalText)
        #expect(clients(settings, MachineLimits(processors: 1)) == 10_000)
        #expect(clients(settings, MachineLimits(processors: 1, descriptors: 1_000_000)) == 10_000)
        // One node with a thousand connections, and 256 descriptors for the rest.
        #expect(clients(settings, MachineLimits(processors: 1, descriptors: 6_256)) == 5_000)
        #expect(clients(settings, MachineLimits(processors: 1, descriptors: 456)) == 100)
        #expect(clients(settings, MachineLimits(processors: 1, descriptors: 0)) == 1)
        #expect(clients(settings, MachineLimits(processors: 1, memoryBytes: 256 << 20)) == 4_096)
        #expect(clients(settings, MachineLimits(processors: 1, memoryBytes: 1 << 40)) == 10_000)
    }

    @Test func `a number in the settings holds, and what it lacks is told`() throws {
        let settings = try parse(minimalText + "limits: {clients: 20000}\n")
        let small = MachineLimits(processors: 1, memoryBytes: 1 << 20, descriptors: 1_256)
        #expect(clients(settings, small) == 20_000)
        #expect(settings.shortage(on: small)?.contains("descriptors for 1000 at most") == true)
        #expect(settings.shortage(on: MachineLimits(processors: 1)) == nil)
        let open = try parse(minimalText + "limits: {clients: auto}\n")
        #expect(open.limits == LimitSettings() && open.shortage(on: small) == nil)
    }

    @Test func `this machine has a processor and descriptors`() {
        let machine = MachineLimits.current()
        #expect(machine.processors >= 1 && machine.lanes >= 1)
        #expect(machine.descriptors.map { $0 > 10 } != false)
    }
}
