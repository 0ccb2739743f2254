// Logins that begin with a request for TLS.
import Security
import Testing
import Wire

@testable import Frontend

private let salt = (1...20).map { UInt8($0) }
private let stage1 = NativePassword.stage1(password: Array("secret".utf8))
private let stage2 = NativePassword.stage2(fromStage1: stage1)
private let fingerprint = [UInt8](repeating: 9, count: 32)

private func login(_ encryption: ClientEncryption, isSecure: Bool = false) -> ClientLogin {
    ClientLogin(
        salt: salt, peerHost: "10.0.0.1",
        directory: AccountDirectory(accounts: [Account(user: "app", host: "%", stage2: stage2)]),
        channel: LoginChannel(isSecure: isSecure), encryption: encryption)
}

private func feed(_ login: inout ClientLogin, isRequest: Bool, _ sequence: UInt8) -> ClientLogin.Step {
    let response = HandshakeResponse41(
        capabilities: [.protocol41, .secureConnection, .pluginAuth], maximumPacketSize: 1 << 24, collation: 45,
        user: "app", authResponse: NativePassword.reply(stage1: stage1, salt: salt),
        authPlugin: "mysql_native_password")
    var writer = ByteWriter()
    if isRequest { response.encodeSSLRequest(into: &writer) } else { response.encode(into: &writer) }
    return writer.bytes.withUnsafeBytes { login.packetReceived($0, sequence: sequence) }
}

private func refusal(_ step: ClientLogin.Step) -> UInt16? {
    if case .refuse(let error, _) = step { error.code } else { nil }
}

@Suite struct ClientTLSLoginTests {
    @Test(arguments: [ClientEncryption.disabled, .preferred, .required])
    func `the greeting offers TLS where it is served`(encryption: ClientEncryption) throws {
        var login = login(encryption)
        let packet = login.greetingPacket(
            Greeting(serverVersion: "10.11.6-MariaDB", collation: 45, connectionID: 9, plugin: "mysql_native_password"))
        let greeting = try Array(packet.dropFirst(4)).withUnsafeBytes { bytes throws(WireError) in
            try InitialHandshake.parse(bytes)
        }
        #expect(greeting.capabilities.contains(.ssl) == (encryption != .disabled))
    }

    @Test func `a login inside TLS carries what the connection is, and the proof of a self-made certificate`() {
        var login = login(.required)
        guard case .startTLS = feed(&login, isRequest: true, 1) else {
            Issue.record("TLS is not started")
            return
        }
        let channel = LoginChannel(
            isSecure: true, cipher: "TLS_AES_256_GCM_SHA384",
            peerCertificate: PeerCertificate(subject: "/CN=app", issuer: "/CN=ca"))
        login.secured(channel, selfMadeFingerprint: fingerprint)
        guard case .verified(let identity, let sequence, _) = feed(&login, isRequest: false, 2) else {
            Issue.record("not verified")
            return
        }
        #expect(identity.channel == channel && sequence == 3)
        #expect(
            PasswordProof.holds(identity.certificateProof, secret: stage2, salt: salt, fingerprint: fingerprint))
    }

    @Test func `a certificate from a file needs no proof`() {
        var login = login(.preferred)
        guard case .startTLS = feed(&login, isRequest: true, 1) else { return }
        login.secured(LoginChannel(isSecure: true, cipher: "x"), selfMadeFingerprint: nil)
        guard case .verified(let identity, _, _) = feed(&login, isRequest: false, 2) else {
            Issue.record("not verified")
            return
        }
        #expect(identity.certificateProof.isEmpty)
    }

    @Test func `where TLS is required, a login in the clear is refused before its account is looked at`() {
        var clear = login(.required)
        #expect(refusal(feed(&clear, isRequest: false, 1)) == 3159)
        var overSocket = login(.required, isSecure: true)
        #expect(refusal(feed(&overSocket, isRequest: false, 1)) == nil)
    }

    @Test func `TLS is refused where it is not served, and inside itself`() {
        var plain = login(.disabled)
        #expect(refusal(feed(&plain, isRequest: true, 1)) == 1043)
        var twice = login(.preferred)
        guard case .startTLS = feed(&twice, isRequest: true, 1) else { return }
        twice.secured(LoginChannel(isSecure: true, cipher: "x"), selfMadeFingerprint: nil)
        #expect(refusal(feed(&twice, isRequest: true, 2)) == 1043)
    }
}
