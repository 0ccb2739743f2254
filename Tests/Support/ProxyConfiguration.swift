// The settings file of a proxy under test.

package import LocalCluster

/// What a test wants to be in the file; everything else is left to the defaults.
package struct ProxyConfiguration: Sendable {
    /// `host:port` of nodes; others are discovered.
    package var nodes: [String]
    package var monitor: (user: String, password: String)
    /// Accounts of clients; nil leaves the key out, so that they are mirrored from the primary.
    package var users: [(name: String, password: String)]?
    /// Further keys of the cluster: `hold_timeout: 2s`.
    package var cluster: [String: String] = [:]
    /// The `tls` of the listeners: `{mode: required}`.
    package var tls: String?
    /// Further keys of the listener that splits: `server_version: 8.4.2`.
    package var listener: [String: String] = [:]
    /// Where the listeners are found.
    package var address = "127.0.0.1"
    /// Where the console is found.
    package var consoleAddress = "127.0.0.1"
    /// Further accounts of the console: `{name: viewer, password: v, role: read_only}`.
    package var consoleAccounts: [String] = []
    /// Keys under `limits`.
    package var limits: [String: String] = [:]
    /// Top-level lines, such as `lanes: 1`.
    package var lines: [String] = []

    package static let console = (user: "admin", password: "console secret")

    /// All nodes of a local cluster by the address of its first one; accounts are mirrored.
    package init(_ cluster: LocalCluster) {
        nodes = [cluster.nodes[0].address]
        monitor = (cluster.monitorUser, cluster.monitorPassword)
    }

    package init(nodes: [String]) {
        self.nodes = nodes
        monitor = ("monitor", "monitorpw")
    }

    /// The same with something changed.
    package func with(_ change: (inout ProxyConfiguration) -> Void) -> ProxyConfiguration {
        var copy = self
        change(&copy)
        return copy
    }

    private var listenerKeys: String {
        listener.sorted { $0.key < $1.key }.map { ", \($0.key): \($0.value)" }.joined()
    }

    private var consoleUsers: String {
        (["{name: \(Self.console.user), password: \"\(Self.console.password)\"}"] + consoleAccounts)
            .joined(separator: ", ")
    }

    /// The file's text.
    package func yaml(_ ports: ProxyPorts) -> String {
        var text = """
            clusters:
              - name: main
                nodes: [\(nodes.joined(separator: ", "))]
                monitor: {user: \(monitor.user), password: "\(monitor.password)"}

            """
        let encryption = tls.map { ", tls: \($0)" } ?? ""
        for (key, value) in cluster.sorted(by: { $0.key < $1.key }) { text += "    \(key): \(value)\n" }
        text += """
            listeners:
              - {name: split, bind: \(address):\(ports.split), cluster: main\(encryption)\(listenerKeys)}
              - {name: primary, bind: \(address):\(ports.primary), cluster: main, mode: primary\(encryption)}
              - {name: replica, bind: \(address):\(ports.replica), cluster: main, mode: replica\(encryption)}
            console:
              bind: \(consoleAddress):\(ports.console)
              users: [\(consoleUsers)]

            """
        if let users {
            text += "users:\n"
            for user in users { text += "  - {name: \"\(user.name)\", password: \"\(user.password)\"}\n" }
        }
        if !limits.isEmpty {
            text += "limits:\n"
            for (key, value) in limits.sorted(by: { $0.key < $1.key }) { text += "  \(key): \(value)\n" }
        }
        return text + lines.map { $0 + "\n" }.joined()
    }
}

/// The ports of one proxy.
package struct ProxyPorts: Sendable {
    /// The listener that splits reads from writes.
    package let split: UInt16
    /// The listener with mode `primary`.
    package let primary: UInt16
    /// The listener with mode `replica`.
    package let replica: UInt16
    package let console: UInt16

    /// Free ports.
    package init() {
        split = LocalCluster.freePort()
        primary = LocalCluster.freePort()
        replica = LocalCluster.freePort()
        console = LocalCluster.freePort()
    }
}
