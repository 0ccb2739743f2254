// What clients are told first.
package import Topology
package import Wire

/// What a greeting says.
package struct Greeting: Sendable {
    /// The version that clients see: the primary's own.
    package var serverVersion: String
    /// The collation id of the server's default, low byte.
    package var collation: UInt8
    /// The connection id that clients see.
    package var connectionID: UInt32
    /// The auth plugin that clients begin with: the primary's own default.
    package var plugin: String
    /// Whose errors clients know.
    package var flavor: ServerFlavor
    /// What is offered.
    package var capabilities: Capabilities

    /// A greeting by its parts.
    package init(
        serverVersion: String, collation: UInt8, connectionID: UInt32, plugin: String,
        flavor: ServerFlavor = .mariaDB,
        capabilities: Capabilities = CapabilityOffer.base
    ) {
        self.serverVersion = serverVersion
        self.collation = collation
        self.connectionID = connectionID
        self.plugin = plugin
        self.flavor = flavor
        self.capabilities = capabilities
    }
}
