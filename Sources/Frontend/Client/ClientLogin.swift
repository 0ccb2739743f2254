// A client's login to the proxy: a pure machine from packets to packets.
internal import Security
package import Wire

/// What a greeting says.
package struct Greeting: Sendable {
    /// The version that clients see: the primary's own.
    package var serverVersion: String
    /// The collation id of the server's default, low byte.
    package var collation: UInt8
    /// The connection id that clients see.
    package var connectionID: UInt32
    /// What is offered.
    package var capabilities: Capabilities

    /// A greeting by its parts.
    package init(
        serverVersion: String, collation: UInt8, connectionID: UInt32,
        capabilities: Capabilities = CapabilityOffer.base
    ) {
        self.serverVersion = serverVersion
        self.collation = collation
        self.connectionID = connectionID
        self.capabilities = capabilities
    }
}

/// One login. The salt is given, so that tests are repeatable.
///
///     greeting sent ──▶ response ──┬──▶ verified
///                                  ├──▶ switched to mysql_native_password ──▶ verified
///                                  └──▶ refused
struct ClientLogin {
    enum Step {
        /// Send this packet (with header) and wait for the next.
        case send([UInt8])
        /// Verified; the OK packet has this sequence number.
        case verified(ClientIdentity, sequence: UInt8)
        /// Send the error with this sequence number and close.
        case refuse(ProxyError, sequence: UInt8)
    }

    private let salt: [UInt8]
    private let peerHost: String
    private let directory: AccountDirectory
    private let offered: Capabilities
    private var response: HandshakeResponse41?

    /// - Parameters:
    ///   - salt: 20 bytes from `makeSalt`.
    ///   - offered: what the greeting says can be done.
    init(
        salt: [UInt8], peerHost: String, directory: AccountDirectory, offered: Capabilities = CapabilityOffer.base
    ) {
        self.offered = offered
        self.salt = salt
        self.peerHost = peerHost
        self.directory = directory
    }

    /// 20 random bytes that suit a salt.
    static func makeSalt() -> [UInt8] { NativePassword.makeSalt() }

    /// Who the client says it is, once it said so.
    var claimedUser: String? { response?.user }

    func greetingPacket(_ greeting: Greeting) -> [UInt8] {
        var writer = ByteWriter()
        writer.beginPacket(sequence: 0)
        InitialHandshake(
            serverVersion: greeting.serverVersion,
            connectionID: greeting.connectionID,
            salt: salt,
            capabilities: offered,
            collation: greeting.collation,
            status: [.autocommit],
            authPlugin: "mysql_native_password"
        ).encode(into: &writer)
        writer.endPacket()
        return writer.bytes
    }

    mutating func packetReceived(_ payload: UnsafeRawBufferPointer, sequence: UInt8) -> Step {
        let next = sequence &+ 1
        if let response { return verify(response, reply: Array(payload), next) }
        do throws(WireError) {
            switch try ClientHandshake.parse(payload) {
            case .sslRequest:
                return .refuse(.badHandshake("this listener does not serve TLS"), sequence: next)
            case .oldProtocol:
                return .refuse(.badHandshake("the client speaks the protocol from before MySQL 4.1"), sequence: next)
            case .response(let response): return responseReceived(response, next)
            }
        } catch {
            return .refuse(.badHandshake("\(error)"), sequence: next)
        }
    }

    private mutating func responseReceived(_ response: HandshakeResponse41, _ next: UInt8) -> Step {
        self.response = response
        let plugin = response.authPlugin ?? "mysql_native_password"
        guard plugin != "mysql_native_password" || !response.capabilities.contains(.secureConnection) else {
            return verify(response, reply: response.authResponse, next)
        }
        guard response.capabilities.contains(.pluginAuth) else {
            return .refuse(.badHandshake("the client speaks no secure login"), sequence: next)
        }
        var writer = ByteWriter()
        writer.beginPacket(sequence: next)
        AuthSwitchRequest(plugin: "mysql_native_password", data: salt + [0]).encode(into: &writer)
        writer.endPacket()
        return .send(writer.bytes)
    }

    private func verify(_ response: HandshakeResponse41, reply: [UInt8], _ next: UInt8) -> Step {
        let denied = ProxyError.accessDenied(user: response.user, host: peerHost, usedPassword: !reply.isEmpty)
        let stage1: [UInt8]
        switch directory.find(user: response.user, host: peerHost) {
        case .unknown: return .refuse(denied, sequence: next)
        case .unavailable(let reason):
            return .refuse(
                ProxyError(code: 9509, sqlState: "08004", message: "no login is possible yet: \(reason)"),
                sequence: next)
        case .unsupported(let plugin):
            return .refuse(.unsupportedPlugin(user: response.user, plugin: plugin), sequence: next)
        case .locked:
            return .refuse(
                ProxyError(code: 4151, sqlState: "HY000", message: "Access denied, this account is locked"),
                sequence: next)
        case .account(let stage2) where stage2.isEmpty:
            guard reply.isEmpty else { return .refuse(denied, sequence: next) }
            stage1 = []
        case .account(let stage2):
            guard let proved = NativePassword.recoverStage1(reply: reply, salt: salt, stage2: stage2) else {
                directory.passwordRefused()
                return .refuse(denied, sequence: next)
            }
            stage1 = proved
        }
        let identity = ClientIdentity(
            user: response.user, stage1: stage1, schema: response.schema.flatMap { $0.isEmpty ? nil : $0 },
            capabilities: response.capabilities.intersection(offered), collation: response.collation,
            attributes: response.attributes)
        return .verified(identity, sequence: next)
    }
}
