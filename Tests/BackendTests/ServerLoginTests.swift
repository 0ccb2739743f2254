// The login to a server, packet by packet.
import Security
import Testing
import Wire

@testable import Backend

private let stage1 = NativePassword.stage1(password: Array("secret".utf8))

private func login(
    _ stage1: [UInt8] = stage1, capabilities: Capabilities = serverCapabilities,
    attributes: [ConnectAttribute] = [ConnectAttribute(key: "k", value: "v")]
) -> ServerLogin {
    ServerLogin(
        account: BackendAccount(user: "app", stage1: stage1),
        traits: ConnectionTraits(capabilities: capabilities.rawValue, collation: 33), attributes: attributes)
}

private func feed(_ login: inout ServerLogin, _ payload: [UInt8], _ sequence: UInt8 = 0) -> ServerLogin.Step {
    payload.withUnsafeBytes { login.packetReceived($0, sequence: sequence) }
}

private func response(_ step: ServerLogin.Step) throws -> HandshakeResponse41 {
    guard case .send(let packet) = step else { throw NotSent() }
    let parsed = try Array(packet.dropFirst(4)).withUnsafeBytes { bytes throws(WireError) in
        try ClientHandshake.parse(bytes)
    }
    guard case .response(let response) = parsed else { throw NotSent() }
    return response
}

private struct NotSent: Error {}

private func authSwitch(_ plugin: String, _ salt: [UInt8]) -> [UInt8] {
    var writer = ByteWriter()
    AuthSwitchRequest(plugin: plugin, salt: salt).encode(into: &writer)
    return writer.bytes
}

@Suite struct ServerLoginTests {
    @Test func `a greeting is answered with the account, the reply to its salt and what both can do`() throws {
        var login = login()
        let step = feed(&login, greeting())
        guard case .send(let packet) = step else { throw NotSent() }
        #expect(packet[3] == 1)
        let sent = try response(step)
        #expect(sent.user == "app")
        #expect(sent.collation == 33)
        #expect(sent.authPlugin == "mysql_native_password")
        #expect(sent.authResponse == NativePassword.reply(stage1: stage1, salt: salt))
        #expect(sent.schema == nil)
        #expect(sent.attributes == [ConnectAttribute(key: "k", value: "v")])
        #expect(sent.capabilities.isSubset(of: serverCapabilities))
    }

    @Test func `an account without password answers nothing`() throws {
        var login = login([])
        #expect(try response(feed(&login, greeting())).authResponse == [])
    }

    @Test func `what the server does not offer is not asked for`() throws {
        var login = login()
        let offered = serverCapabilities.subtracting([.multiStatements, .sessionTrack])
        let sent = try response(feed(&login, greeting(offered)))
        #expect(sent.capabilities.isDisjoint(with: [.multiStatements, .sessionTrack]))
        #expect(feed(&login, okPayload(), 2) == .done(offered))
    }

    @Test func `a server that cannot write what the client reads is refused`() throws {
        var login = login()
        guard
            case .fail(.loginUnsupported(let text)) = feed(
                &login, greeting(serverCapabilities.subtracting(.deprecateEOF)))
        else { throw NotSent() }
        #expect(text.contains("0x1000000"))
    }

    @Test func `MariaDB's extended flags are asked for where they are offered, and never of MySQL`() throws {
        let wanted = serverCapabilities.union([.mariadbProgress, .mariadbExtendedMetadata])
        var login = login(capabilities: wanted)
        let sent = try response(feed(&login, greeting(wanted.subtracting(.longPassword))))
        #expect(sent.capabilities.isSuperset(of: [.mariadbProgress, .mariadbExtendedMetadata]))
        var plain = Self.plainLogin(wanted.subtracting(.mariadbExtendedMetadata))
        #expect(try response(feed(&plain, greeting())).capabilities.extendedBits == 0)
    }

    private static func plainLogin(_ capabilities: Capabilities) -> ServerLogin { login(capabilities: capabilities) }

    @Test func `connect attributes are kept from a server that does not know them`() throws {
        var login = login()
        let sent = try response(feed(&login, greeting(serverCapabilities.subtracting(.connectAttrs))))
        #expect(!sent.capabilities.contains(.connectAttrs))
        #expect(sent.attributes.isEmpty)
    }

    @Test(arguments: [Capabilities.protocol41, .pluginAuth])
    func `a server of too old a protocol is refused`(missing: Capabilities) throws {
        var login = login()
        guard case .fail(.loginUnsupported(let text)) = feed(&login, greeting(serverCapabilities.subtracting(missing)))
        else { throw NotSent() }
        #expect(text.contains("10.11.6-MariaDB"))
    }

    @Test func `an error instead of a greeting is the server's own refusal`() {
        var login = login()
        #expect(
            feed(&login, [0xFF, 0x10, 0x04] + Array("Too many connections".utf8))
                == .fail(.refused(code: 1040, sqlState: "HY000", message: "Too many connections")))
    }

    @Test func `an error instead of OK is the server's own refusal`() {
        var login = login()
        _ = feed(&login, greeting())
        #expect(
            feed(&login, errorPayload(1045, "Access denied"), 2)
                == .fail(.refused(code: 1045, sqlState: "HY000", message: "Access denied")))
    }

    @Test func `a switch to the same plugin is answered with the new salt`() throws {
        var login = login()
        _ = feed(&login, greeting())
        let fresh = (101...120).map { UInt8($0) }
        let expected = NativePassword.reply(stage1: stage1, salt: fresh)
        #expect(feed(&login, authSwitch("mysql_native_password", fresh), 2) == .send(framed(3, expected)))
        #expect(feed(&login, okPayload(), 4) == .done(serverCapabilities))
    }

    @Test func `a server may switch a few times, not forever`() throws {
        var login = login()
        _ = feed(&login, greeting())
        for _ in 0..<BackendLimits.authSwitches {
            guard case .send = feed(&login, authSwitch("mysql_native_password", salt), 2) else { throw NotSent() }
        }
        guard case .fail(.nonsense) = feed(&login, authSwitch("mysql_native_password", salt), 4) else {
            throw NotSent()
        }
    }

    @Test(arguments: ["ed25519", "sha256_password", "dialog", ""])
    func `a switch to another plugin is refused by name`(plugin: String) throws {
        var login = login()
        _ = feed(&login, greeting())
        guard case .fail(.loginUnsupported(let text)) = feed(&login, authSwitch(plugin, salt), 2) else {
            throw NotSent()
        }
        #expect(text.contains(plugin) && text.contains("app"))
    }

    @Test func `the switch of MySQL 4_0 is refused, more data of another plugin is nonsense`() throws {
        var old = login()
        _ = feed(&old, greeting())
        guard case .fail(.loginUnsupported) = feed(&old, [0xFE], 2) else { throw NotSent() }
        var other = login()
        _ = feed(&other, greeting())
        guard case .fail(.nonsense) = feed(&other, [0x01, 0x04], 2) else { throw NotSent() }
    }

    @Test func `nothing is taken after the end`() throws {
        var login = login()
        _ = feed(&login, greeting())
        _ = feed(&login, okPayload(), 2)
        guard case .fail(.nonsense) = feed(&login, okPayload(), 3) else { throw NotSent() }
    }

    @Test func `every truncated greeting fails or is answered, and never traps`() {
        let whole = greeting()
        for length in 0..<whole.count {
            var login = login()
            switch feed(&login, Array(whole[..<length])) {
            case .fail: break
            case .wait, .startTLS: Issue.record("not answered after \(length) bytes of a greeting")
            // The plugin's name is the last field, and may be cut.
            case .send: #expect(length > whole.count - "mysql_native_password".utf8.count - 2)
            case .done: Issue.record("done after \(length) bytes of a greeting")
            }
        }
    }

    @Test func `every truncated verdict fails or is taken, and never traps`() {
        for whole in [authSwitch("mysql_native_password", salt), errorPayload(1045, "no"), okPayload()] {
            for length in 0..<whole.count {
                var login = login()
                _ = feed(&login, greeting())
                let step = feed(&login, Array(whole[..<length]), 2)
                if length == 0 {
                    guard case .fail(.nonsense) = step else {
                        Issue.record("an empty packet was taken")
                        continue
                    }
                }
            }
        }
    }

    @Test func `random bytes never log in without an OK and never trap`() {
        var state: UInt64 = 88
        func next() -> UInt8 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return UInt8(truncatingIfNeeded: state >> 56)
        }
        for round in 0..<20_000 {
            var login = login()
            if round.isMultiple(of: 2) { _ = feed(&login, greeting()) }
            let payload = (0..<Int(next() % 64)).map { _ in next() }
            if case .done = feed(&login, payload, 2) { #expect(payload.first == 0 && round.isMultiple(of: 2)) }
        }
    }
}
