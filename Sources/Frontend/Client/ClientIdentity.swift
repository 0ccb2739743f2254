// Who a client is, once it proved it.
package import Wire

/// What a client said of itself in its login, after it was verified.
package struct ClientIdentity: Sendable {
    /// The user name.
    package let user: String
    /// SHA1(password), 20 bytes, empty without a password: what the login to a server needs. Secret: never printed.
    package let stage1: [UInt8]
    /// The schema asked for; nil for none.
    package let schema: String?
    /// What both sides agreed on.
    package let capabilities: Capabilities
    /// The collation id of the login, low byte.
    package let collation: UInt8
    /// The connect attributes, as sent.
    package let attributes: [ConnectAttribute]
}
