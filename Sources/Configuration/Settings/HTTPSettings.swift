// The HTTP endpoint: where it listens, and who may ask.

/// The HTTP endpoint for metrics, health checks, the JSON API and the dashboard. Its descriptions never contain a secret.
package struct HTTPSettings: Sendable, Equatable {
    /// Where the endpoint listens.
    package var bind: NodeAddress
    /// Who may ask with a name and a password.
    package var users: [UserSettings] = []
    /// What stands for both: `Authorization: Bearer …`; nil for none.
    package var token: String?
    /// Encryption: `disabled` or `required`, since HTTP has no way to leave it to clients.
    package var tls = ListenerTLSSettings(mode: .disabled)

    /// Builds HTTP settings in code: without TLS, and open to everybody.
    package init(bind: NodeAddress) {
        self.bind = bind
    }

    /// Whether somebody has to show who he is.
    package var hasAuthentication: Bool { token != nil || !users.isEmpty }
}

extension HTTPSettings: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// The address, without the secrets.
    package var description: String { "http \(bind)" }
    /// The same as `description`.
    package var debugDescription: String { description }
    /// A mirror without the secrets.
    package var customMirror: Mirror { Mirror(self, children: ["bind": bind, "users": users, "tls": tls]) }
}

extension NodeAddress {
    /// Whether only this machine can come to a socket that is bound here. A name other than `localhost` may mean anything.
    package var isLoopback: Bool {
        switch self {
        case .unix: true
        case .host("localhost", _), .host("::1", _): true
        // The reader has made sure that what is only digits and points is an IPv4 address.
        case .host(let host, _):
            host.hasPrefix("127.") && host.utf8.allSatisfy { $0 == UInt8(ascii: ".") || (0x30...0x39).contains($0) }
        }
    }
}
