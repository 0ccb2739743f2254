// Who a server is: its place in the cluster, its address, its flavor and its version.

/// Which family of servers a node belongs to.
@usableFromInline package enum ServerFlavor: UInt8, Sendable {
    case unknown
    case mariaDB
    case mySQL

    /// Inlined across targets, which the compiler's own is not.
    @inlinable package static func == (one: Self, other: Self) -> Bool {
        unsafeBitCast(one, to: UInt8.self) == unsafeBitCast(other, to: UInt8.self)
    }
}

/// A node's number in its cluster; stable for the life of the process, never reused.
@usableFromInline package struct NodeID: Hashable, Sendable, Comparable {
    /// The position in the cluster's member list, from 0.
    @usableFromInline package let index: Int

    /// Names the member at `index`.
    package init(index: Int) { self.index = index }

    /// Inlined across targets, which the compiler's own is not.
    @inlinable package static func == (left: NodeID, right: NodeID) -> Bool { left.index == right.index }

    /// By position.
    @inlinable package static func < (left: NodeID, right: NodeID) -> Bool { left.index < right.index }
}

/// Where a server listens.
package enum ProbeAddress: Hashable, Sendable, CustomStringConvertible {
    /// A host name or address, and a port.
    case tcp(host: String, port: UInt16)
    /// A Unix socket's path.
    case unix(path: String)

    /// `host:port`, `[address]:port` for IPv6, or the socket's path.
    package var description: String {
        switch self {
        case .tcp(let host, let port): host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
        case .unix(let path): path
        }
    }
}

/// A node as the settings name it.
package struct ProbeNode: Sendable, Equatable {
    /// The name shown to people; the address when nil.
    package var name: String?
    /// Where the node listens.
    package var address: ProbeAddress
    /// The zone the node stands in, if one was given.
    package var zone: String?
    /// The share of reads relative to the other nodes; 0 takes none.
    package var weight: Int

    /// A node at `address`; `weight` is relative, 100 being usual.
    package init(name: String? = nil, address: ProbeAddress, zone: String? = nil, weight: Int = 100) {
        self.name = name
        self.address = address
        self.zone = zone
        self.weight = weight
    }
}

/// A member of the cluster as `Evaluator` needs it: who it is, apart from what was seen of it.
package struct ClusterMember: Sendable {
    /// The member's number.
    package let id: NodeID
    /// The configured name, or the address.
    package var name: String
    /// Where the node listens.
    package var address: ProbeAddress
    /// Other addresses that led to the same server (a host name beside a number, a service name).
    package var aliases: [ProbeAddress]
    /// The zone, if one was given.
    package var zone: String?
    /// The share of reads relative to the other nodes; 0 takes none.
    package var weight: Int
    /// An admin asked for no new reads here.
    package var isDraining: Bool
    /// Who asked last that it be drained, or used again; nil when nobody did.
    package var drainOrder: AdminOrder?
    /// Whether the settings name it; false for one that was discovered.
    package var isConfigured: Bool
    /// The live counters.
    package let load: NodeLoad

    /// A member with its counters; `aliases` are further addresses of the same server.
    package init(
        id: NodeID, name: String, address: ProbeAddress, aliases: [ProbeAddress] = [], zone: String? = nil,
        weight: Int = 100, isDraining: Bool = false, isConfigured: Bool = true, load: NodeLoad = NodeLoad()
    ) {
        self.id = id
        self.name = name
        self.address = address
        self.aliases = aliases
        self.zone = zone
        self.weight = weight
        self.isDraining = isDraining
        self.isConfigured = isConfigured
        self.load = load
    }
}

/// The leading numbers of a server's version text, such as 10.11.6 of `10.11.6-MariaDB-log`.
package struct ServerVersion: Equatable, Sendable, Comparable {
    /// 10 of 10.11.6.
    package let major: Int
    /// 11 of 10.11.6.
    package let minor: Int
    /// 6 of 10.11.6.
    package let patch: Int

    /// Three numbers of a version.
    package init(major: Int, minor: Int, patch: Int) {
        self.major = major
        self.minor = minor
        self.patch = patch
    }

    /// Reads the leading `major.minor.patch`; nil when the text does not start with a number.
    /// The prefix `5.5.5-`, which old MariaDB servers put before their real version, is skipped.
    package init?(_ text: String) {
        var rest = Substring(text)
        if rest.hasPrefix("5.5.5-") { rest = rest.dropFirst(6) }
        let numbers = rest.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
            .split(separator: ".").prefix(3).map { Int($0) ?? 0 }
        guard let major = numbers.first else { return nil }
        self.init(major: major, minor: numbers.count > 1 ? numbers[1] : 0, patch: numbers.count > 2 ? numbers[2] : 0)
    }

    /// Numerically, from the left.
    package static func < (left: ServerVersion, right: ServerVersion) -> Bool {
        (left.major, left.minor, left.patch) < (right.major, right.minor, right.patch)
    }

    /// Whether a replica of this version may serve reads under a primary of version `primary`: the same
    /// major version, or a newer one (a rolling upgrade starts with the replicas). Replicating to an older
    /// major version is what neither MariaDB nor MySQL supports.
    package func canFollow(_ primary: ServerVersion) -> Bool { major >= primary.major }
}
