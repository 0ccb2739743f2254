// What `switchyard check --connect` found at one node: plain data, the input of `ClusterExamination`.

/// The bounds of an examination.
enum ExaminationLimits {
    /// What the look-up of a name may take beyond a node's time, in milliseconds: nothing else ends that.
    static let graceMilliseconds: Int64 = 1_000
    /// How often addresses that the nodes told of are followed: the replicas of replicas, and theirs.
    static let discoveryRounds = 3
    /// From this difference on, clocks are worth a word, in milliseconds.
    static let clockSkewMilliseconds: Int64 = 1_000
    /// Of a server's own text, in characters.
    static let textCharactersMaximum = 300
}

/// A privilege that the monitor account lacks.
package struct MissingPrivilege: Sendable, Equatable {
    /// With what it is on: `PROCESS ON *.*`.
    package var privilege: String
    /// What it is needed for, as the end of a sentence: `to see how a replica does`.
    package var purpose: String
    /// The statement that grants it, without its semicolon.
    package var grant: String
    /// What the server said.
    package var answer: String
}

/// A node's clock against this machine's.
package struct ClockReading: Sendable, Equatable {
    /// How far the node's clock is ahead; negative when it is behind.
    package var aheadMilliseconds: Int64
    /// The truth is at most so far from that: half of the question's round trip.
    package var uncertaintyMilliseconds: Int64

    /// Whether the two surely differ by more than is usual.
    var isSkewed: Bool {
        aheadMilliseconds.magnitude
            > ExaminationLimits.clockSkewMilliseconds.magnitude + uncertaintyMilliseconds.magnitude
    }
}

/// One node, looked at once.
package struct NodeExamination: Sendable {
    /// The configured name, or the address.
    package var name: String
    /// Where it was looked for.
    package var address: ProbeAddress
    /// Whether the settings name it; false for one that others told of.
    package var isConfigured = true
    /// Why it could not be looked at, or not to the end; a lacking privilege is in `missing` instead.
    package var failure: ProbeFailure?
    /// What the account may not do, in the order in which it was tried.
    package var missing: [MissingPrivilege] = []
    /// As the watcher would have it: without what is needed to judge, a failure.
    package var observation: Observation
    /// `version`, as far as somebody answered; empty otherwise.
    package var version = ""
    /// Nil when it was not asked.
    package var clock: ClockReading?
    /// `Ssl_cipher` of the monitor's connection; empty when it is not encrypted.
    package var cipher = ""
    /// Whether the server's greeting offers TLS.
    package var offersTLS = false

    /// Nothing seen yet.
    init(name: String, address: ProbeAddress, node: NodeID) {
        self.name = name
        self.address = address
        observation = Observation(node: node)
    }

    /// Whether it is reached without a network that others could listen to.
    var isLocal: Bool {
        switch address {
        case .unix: true
        case .tcp(let host, _): host == "localhost" || host == "::1" || host.hasPrefix("127.")
        }
    }
}
