// The settings file of a quickstart: written as text, so that what runs is what the user can copy.
package import Configuration
internal import Glibc

/// The settings of the demonstration, as text and as values.
package struct DemoSettings: Sendable {
    /// The only cluster's name.
    package static let cluster = "main"
    /// The account of the console and of the dashboard.
    package static let consoleUser = "admin"
    package static let consolePassword = "admin"

    package let clientPort: UInt16
    package let consolePort: UInt16
    package let httpPort: UInt16
    /// The file's content.
    package let yaml: String
    /// The same, validated.
    package let settings: Settings

    /// Settings that name one server; the proxy finds the others, and the accounts, by itself.
    package init(
        server: String, monitorUser: String, monitorPassword: String, clientPort: UInt16, consolePort: UInt16,
        httpPort: UInt16
    ) throws(ConfigurationErrors) {
        self.clientPort = clientPort
        self.consolePort = consolePort
        self.httpPort = httpPort
        yaml = """
            clusters:
              - name: \(Self.cluster)
                nodes: [\(server)]          # one is enough: the others are found
                monitor: {user: \(monitorUser), password: \(monitorPassword)}
            listeners:
              - {name: \(Self.cluster), bind: 127.0.0.1:\(clientPort), cluster: \(Self.cluster)}
            console:
              bind: 127.0.0.1:\(consolePort)
              users: [{name: \(Self.consoleUser), password: \(Self.consolePassword)}]
            http:
              bind: 127.0.0.1:\(httpPort)
              users: [{name: \(Self.consoleUser), password: \(Self.consolePassword)}]

            """
        settings = try Settings.parse(yaml: yaml, file: "quickstart", directory: "/", environment: [:])
    }
}

/// The first port from `wanted` on that can be bound on 127.0.0.1, none of `taken`; nil when none of a hundred is free.
func firstFreePort(from wanted: UInt16, except taken: [UInt16] = []) -> UInt16? {
    let last = wanted.addingReportingOverflow(QuickstartLimits.portAttempts - 1)
    for port in wanted...(last.overflow ? .max : last.partialValue) where !taken.contains(port) {
        if isFree(port) { return port }
    }
    return nil
}

/// Whether a listener could have `port`, by the listener's own rules (`SO_REUSEADDR`: old connections do no harm).
private func isFree(_ port: UInt16) -> Bool {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    guard descriptor >= 0 else { return false }
    defer { close(descriptor) }
    var on: Int32 = 1
    setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &on, 4)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
    return withUnsafePointer(to: &address) { address in
        address.withMemoryRebound(to: sockaddr.self, capacity: 1) {
            bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0 && listen(descriptor, 1) == 0
        }
    }
}
