// Where the servers of a cluster live, when that is not one host.

extension LocalClusterOptions {
    /// A host of one server: an address of its own, in whatever network the server's program is started in.
    package struct Host: Sendable, Equatable {
        /// The IPv4 address at which the server listens, and at which its replicas and clients reach it.
        package var address: String
        /// Goes before the server's command line, and becomes the server by `exec`: `["/sbin/ip", "netns", "exec", "a"]`.
        /// The first is an absolute path.
        package var launchPrefix: [String]

        package init(address: String, launchPrefix: [String] = []) {
            self.address = address
            self.launchPrefix = launchPrefix
        }

        /// This machine, for itself only.
        static let local = Host(address: "127.0.0.1")
    }

    /// The host of a node.
    func host(_ index: Int) -> Host { hosts.indices.contains(index) ? hosts[index] : .local }

    /// From where root may log in over TCP: a host of its own is reached from elsewhere.
    var administratorHost: String { hosts.isEmpty ? Host.local.address : "%" }
}
