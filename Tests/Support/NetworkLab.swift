// Hosts that are network namespaces of this machine, and a network between them that can be cut.

import Foundation
package import LocalCluster
import Synchronization

/// The lab could not be built or changed.
package struct NetworkLabFailure: Error, CustomStringConvertible {
    package let description: String

    package init(description: String) { self.description = description }
}

/// Hosts with addresses and networks of their own, all on this machine and in reach of this process. Needs root.
///
/// Each host is a network namespace with one interface, whose other end is a port of a bridge. The bridge has a namespace
/// of its own, in which no firewall of this machine has a say.
///
/// A cut makes each of two hosts send what is meant for the other to a hardware address that nobody has. So packets vanish
/// in both directions, as with a cable that was pulled: nothing is refused, and connections stay and go on when the cut is
/// healed. (Blackhole routes would fail `connect` at once; netfilter's and `tc`'s rules need programs or modules of the
/// kernel that are not everywhere.)
///
/// Everything goes with `remove`, with the last reference, or with this process, however it ends.
package final class NetworkLab: @unchecked Sendable {  // `guardian` is set up in `init` and then only asked
    /// Names of hosts in the order of their addresses.
    package let hosts: [String]
    private let prefix: String
    private let subnet: String
    private let cuts = Mutex<Set<Direction>>([])
    private let isRemoved = Atomic<Bool>(false)
    private let guardian = Process()
    private let guardianInput = Pipe()

    /// What `host` sends to `peer`.
    private struct Direction: Hashable {
        let host: String
        let peer: String
    }

    /// Why this machine cannot have a lab; nil when it can.
    package static let obstacle: String? = {
        guard geteuid() == 0 else { return "network namespaces need root" }
        do {
            try NetworkLab([]).remove()
            return nil
        } catch {
            return "\(error)"
        }
    }()

    /// Builds a host for each name: letters, digits and hyphens.
    package init(_ hosts: [String]) throws {
        self.hosts = hosts
        let number = labNumber.add(1, ordering: .relaxed).newValue
        prefix = "switchyard-\(getpid())-\(number)"
        let program = try Self.program()
        subnet = try Self.freeSubnet(program)
        // An interface's name has at most 15 bytes.
        let uplink = "swy\(getpid())x\(number)"
        try startGuardian(program, uplink)
        do {
            try Self.run(construction(uplink))
        } catch {
            remove()
            throw error
        }
    }

    deinit { remove() }

    /// Removes all of it; programs that still run in it lose their network. Can be called any number of times.
    package func remove() {
        guard !isRemoved.exchange(true, ordering: .sequentiallyConsistent) else { return }
        try? guardianInput.fileHandleForWriting.close()
        let deadline = monotonicSeconds() + Self.removalSeconds
        while guardian.isRunning && monotonicSeconds() < deadline { usleep(2_000) }
    }

    /// A host's address, and what makes a program start there.
    package func host(_ name: String) throws -> LocalClusterOptions.Host {
        let prefix = [try Self.program(), "netns", "exec", namespace(name)]
        return LocalClusterOptions.Host(address: try address(name), launchPrefix: prefix)
    }

    // MARK: Cutting

    /// From now on no packet goes between a host of `some` and a host of `others`.
    package func cut(_ some: [String], from others: [String]) throws {
        let directions = some.flatMap { one in
            others.flatMap { [Direction(host: one, peer: $0), Direction(host: $0, peer: one)] }
        }
        try Self.run(
            directions.map { direction in
                let peer = try address(direction.peer)
                return
                    "ip -n \(namespace(direction.host)) neigh replace \(peer) lladdr \(Self.nobody) nud permanent dev eth0"
            })
        cuts.withLock { $0.formUnion(directions) }
    }

    /// Ends all cuts.
    package func heal() throws {
        let directions = cuts.withLock { $0 }
        try Self.run(
            directions.map { direction in
                "ip -n \(namespace(direction.host)) neigh del \(try address(direction.peer)) dev eth0"
            })
        cuts.withLock { $0.subtract(directions) }
    }

    /// A hardware address that no interface has: those that the kernel makes up begin with random bytes.
    private static let nobody = "02:00:00:00:00:00"
    private static let commandSeconds = 30.0
    private static let removalSeconds = 10.0

    // MARK: Building

    private func namespace(_ host: String) -> String { "\(prefix)-\(host)" }

    private func address(_ host: String) throws -> String {
        guard let index = hosts.firstIndex(of: host) else {
            throw NetworkLabFailure(description: "the lab has no host \(host)")
        }
        return "\(subnet).\(10 + index)"
    }

    /// The commands that build the bridge, the way from here to it, and the hosts.
    private func construction(_ uplink: String) -> [String] {
        let hub = namespace("hub")
        var commands = [
            "ip netns add \(hub)",
            "ip netns exec \(hub) true",
            "ip -n \(hub) link add hub type bridge",
            "ip -n \(hub) link set hub up",
            "ip link add \(uplink) type veth peer name uplink netns \(hub)",
            "ip -n \(hub) link set uplink master hub up",
            "ip address add \(subnet).1/24 dev \(uplink)",
            "ip link set \(uplink) up",
        ]
        for (index, host) in hosts.enumerated() {
            let namespace = namespace(host)
            commands += [
                "ip netns add \(namespace)",
                "ip -n \(hub) link add port\(index) type veth peer name eth0 netns \(namespace)",
                "ip -n \(hub) link set port\(index) master hub up",
                "ip -n \(namespace) link set lo up",
                "ip -n \(namespace) address add \(subnet).\(10 + index)/24 dev eth0",
                "ip -n \(namespace) link set eth0 up",
            ]
        }
        return commands
    }

    /// A shell that waits until its pipe closes, with `remove` or with the end of this process, and then removes
    /// everything that was built.
    private func startGuardian(_ program: String, _ uplink: String) throws {
        _ = fcntl(guardianInput.fileHandleForWriting.fileDescriptor, F_SETFD, FD_CLOEXEC)
        guardian.executableURL = URL(fileURLWithPath: "/bin/sh")
        let script = #"""
            trap '' HUP INT TERM; read line
            ip=$1; "$ip" link delete "$2"; shift 2
            for name; do "$ip" netns delete "$name"; done
            """#
        guardian.arguments =
            ["-c", script, "guardian", program, uplink] + (hosts + ["hub"]).map { namespace($0) }
        guardian.standardInput = guardianInput
        guardian.standardOutput = FileHandle.nullDevice
        guardian.standardError = FileHandle.nullDevice
        try guardian.run()
    }

    /// The first three numbers of addresses that nobody on this machine has, out of the range for tests of networks
    /// (RFC 2544).
    private static func freeSubnet(_ program: String) throws -> String {
        let taken = try ChildProgram.run(program, ["-4", "-o", "address", "show"], seconds: commandSeconds).output
        for _ in 0..<1_000 {
            let subnet = "198.\(Int.random(in: 18...19)).\(Int.random(in: 0...255))"
            if !taken.contains(" \(subnet).") { return subnet }
        }
        throw NetworkLabFailure(description: "no subnet of 198.18.0.0/15 is free")
    }

    private static func program() throws -> String {
        if let path = ChildProgram.find("ip") { return path }
        throw NetworkLabFailure(description: "the program ip (iproute2) is not installed")
    }

    /// Runs commands in order; the first that fails ends it.
    private static func run(_ commands: [String]) throws {
        guard !commands.isEmpty else { return }
        let found = #"ip() { \#(try program()) "$@"; }"#
        let lines = commands.map { "\($0) || { echo 'in: \($0)'; exit 1; }" }
        let script = ([found] + lines).joined(separator: "\n")
        let result = try ChildProgram.run("/bin/sh", ["-c", script], seconds: commandSeconds)
        guard result.end == .exit(0) else {
            throw NetworkLabFailure(description: "the network of the lab refuses: \(result.output)")
        }
    }
}

/// Labs of this process so far.
private let labNumber = Atomic<Int>(0)
