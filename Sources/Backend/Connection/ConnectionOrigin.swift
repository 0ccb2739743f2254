// For whom a connection is opened, as far as a server may know.
package import Network
package import Wire

/// The client whose session opens a connection. A pooled connection serves others later: what was said at its login
/// stays that of the one who opened it.
package struct ConnectionOrigin: Sendable {
    /// Where the client comes from; nil for a Unix socket.
    package var address: SocketAddress?
    /// What the client says of itself, and what the proxy says of it.
    package var attributes: [ConnectAttribute]

    /// An origin by its parts.
    package init(address: SocketAddress? = nil, attributes: [ConnectAttribute] = []) {
        self.address = address
        self.attributes = attributes
    }

    /// The attributes that a login carries: as many, from the first on, as fit.
    package static func bounded(_ attributes: [ConnectAttribute]) -> [ConnectAttribute] {
        var bytes = 0
        return attributes.filter { attribute in
            let size = attribute.key.utf8.count + attribute.value.utf8.count
            guard bytes + size <= BackendLimits.attributeBytes else { return false }
            bytes += size
            return true
        }
    }
}
