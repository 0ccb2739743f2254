// Who a client is, once it proved it.
package import Security
package import Wire

/// What a client said of itself in its login, after it was verified.
package struct ClientIdentity: Sendable {
    /// The user name.
    package let user: String
    /// The user as which servers are logged in to.
    package let serverUser: String
    /// What the login to a server needs.
    package let secret: LoginSecret
    /// The schema asked for; nil for none.
    package let schema: String?
    /// What both sides agreed on.
    package let capabilities: Capabilities
    /// The collation id of the login; of two bytes after COM_CHANGE_USER.
    package let collation: UInt16
    /// The connect attributes, as sent.
    package let attributes: [ConnectAttribute]
    /// How the client is connected.
    package let channel: LoginChannel
    /// The OK packet's text that proves the proxy's self-made certificate; empty for none.
    let certificateProof: [UInt8]
}
