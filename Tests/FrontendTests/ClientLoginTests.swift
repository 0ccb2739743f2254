// A client's login, packet by packet, and who may log in.
import Security
import Testing
import Wire

@testable import Frontend

private let salt = (1...20).map { UInt8($0) }
private let stage1 = NativePassword.stage1(password: Array("secret".utf8))
private let stage2 = NativePassword.stage2(fromStage1: stage1)
private let native = "mysql_native_password"

extension Account {
    /// An account of mysql_native_password, without a password if `stage2` is empty.
    init(user: String, host: String, plugin: String = native, stage2: [UInt8], isLocked: Bool = false) {
        let verifier: PasswordVerifier = stage2.isEmpty ? .password(SecretBytes([])) : .native(stage2: stage2)
        self.init(user: user, host: host, methods: [AuthMethod(plugin: plugin, verifier: verifier)])
        self.isLocked = isLocked
    }
}

private func directory() -> AccountDirectory {
    AccountDirectory(accounts: [
        Account(user: "app", host: "%", stage2: stage2),
        Account(user: "open", host: "%", stage2: []),
        Account(
            user: "kerberos", host: "10.%", methods: [AuthMethod(plugin: "auth_gssapi", verifier: .unreadable)]),
        Account(user: "locked", host: "%", stage2: stage2, isLocked: true),
    ])
}

private func login(_ accounts: AccountDirectory = directory()) -> ClientLogin {
    ClientLogin(salt: salt, peerHost: "10.0.0.1", directory: accounts)
}

private func response(
    _ user: String, _ reply: [UInt8], plugin: String? = native, capabilities: Capabilities = CapabilityOffer.base,
    schema: String? = nil
) -> [UInt8] {
    var writer = ByteWriter()
    var flags = capabilities.subtracting([.connectWithDB, .connectAttrs])
    if plugin == nil { flags.remove(.pluginAuth) }
    HandshakeResponse41(
        capabilities: flags, maximumPacketSize: 1 << 24, collation: 45, user: user, authResponse: reply, schema: schema,
        authPlugin: plugin
    ).encode(into: &writer)
    return writer.bytes
}

private func feed(_ login: inout ClientLogin, _ payload: [UInt8], _ sequence: UInt8 = 1) -> ClientLogin.Step {
    payload.withUnsafeBytes { login.packetReceived($0, sequence: sequence) }
}

private func identity(_ step: ClientLogin.Step) throws -> ClientIdentity {
    guard case .verified(let identity, _, _) = step else { throw NotVerified() }
    return identity
}

private struct NotVerified: Error {}
private let proof = NativePassword.reply(stage1: stage1, salt: salt)

@Suite struct ClientLoginTests {
    @Test func `the greeting offers what is served and never TLS or compression`() throws {
        var login = login()
        let packet = login.greetingPacket(
            Greeting(serverVersion: "10.11.6-MariaDB", collation: 45, connectionID: 9, plugin: native))
        #expect(packet[3] == 0)
        let greeting = try Array(packet.dropFirst(4)).withUnsafeBytes { bytes throws(WireError) in
            try InitialHandshake.parse(bytes)
        }
        #expect(greeting.salt == salt && greeting.connectionID == 9 && greeting.authPlugin == native)
        #expect(greeting.capabilities == CapabilityOffer.base)
        #expect(greeting.capabilities.isDisjoint(with: [.ssl, .compress, .zstdCompression, .queryAttributes]))
    }

    @Test func `the right password is verified and gives what servers need`() throws {
        var login = login()
        let step = feed(&login, response("app", proof, schema: "shop"))
        guard case .verified(let identity, let sequence, let notice) = step else { throw NotVerified() }
        #expect(identity.user == "app" && identity.serverUser == "app" && identity.schema == "shop")
        #expect(identity.secret == LoginSecret(nativeStage1: stage1) && notice.isEmpty)
        #expect(identity.collation == 45 && sequence == 2)
        #expect(identity.capabilities.isSubset(of: CapabilityOffer.base))
        #expect(login.claimedUser == "app")
    }

    @Test func `what was not offered is not agreed on`() throws {
        var login = login()
        let wanted = CapabilityOffer.base.union([.compress, .queryAttributes, .optionalResultsetMetadata])
        #expect(
            try identity(feed(&login, response("app", proof, capabilities: wanted))).capabilities.isSubset(
                of: CapabilityOffer.base))
    }

    @Test func `an empty schema is none`() throws {
        var login = login()
        #expect(try identity(feed(&login, response("app", proof, schema: ""))).schema == nil)
    }

    @Test func `a wrong password, an unknown user and a reply where none is due are denied alike`() {
        for (user, reply) in [
            ("app", [UInt8](repeating: 1, count: 20)), ("app", []), ("app", [1]), ("nobody", proof), ("open", proof),
        ] {
            var login = login()
            #expect(refusal(feed(&login, response(user, reply))) == 1045)
        }
    }

    @Test func `a denial says whether a password was used, and where from`() {
        for (reply, word) in [(proof, "YES"), ([], "NO")] {
            var login = login()
            guard case .refuse(let error, let sequence) = feed(&login, response("nobody", reply)) else {
                Issue.record("not refused")
                continue
            }
            #expect(error.message == "Access denied for user 'nobody'@'10.0.0.1' (using password: \(word))")
            #expect(error.sqlState == "28000" && sequence == 2)
        }
    }

    @Test func `a reply to another salt is denied`() {
        var login = login()
        let other = NativePassword.reply(stage1: stage1, salt: salt.reversed())
        #expect(refusal(feed(&login, response("app", other))) == 1045)
    }

    @Test func `an account without password is let in with an empty reply`() throws {
        var login = login()
        #expect(try identity(feed(&login, response("open", []))).secret == .empty)
    }

    @Test(arguments: ["caching_sha2_password", "mysql_clear_password", "unknown"])
    func `a client of another plugin is switched and then verified`(plugin: String) throws {
        var login = login()
        guard case .send(let packet) = feed(&login, response("app", Array(repeating: 3, count: 32), plugin: plugin))
        else {
            throw NotVerified()
        }
        #expect(packet[3] == 2)
        let request = try Array(packet.dropFirst(4)).withUnsafeBytes { bytes throws(WireError) in
            try AuthSwitchRequest.parse(bytes)
        }
        #expect(request.plugin == native && request.salt == salt)
        guard case .verified(_, let sequence, _) = feed(&login, proof, 3) else { throw NotVerified() }
        #expect(sequence == 4)
    }

    @Test func `a wrong or empty answer to a switch is denied`() {
        for reply in [[], [1, 2, 3], [UInt8](repeating: 9, count: 20), proof + [0]] as [[UInt8]] {
            var login = login()
            _ = feed(&login, response("app", [], plugin: "caching_sha2_password"))
            #expect(refusal(feed(&login, reply, 3)) == 1045)
        }
    }

    @Test func `accounts that cannot be served say why`() throws {
        var other = login()
        guard case .refuse(let error, _) = feed(&other, response("kerberos", proof)) else { throw NotVerified() }
        #expect(error.code == 1251)
        #expect(
            error.message.hasPrefix("account 'kerberos'@'10.%' uses auth plugin auth_gssapi; this listener serves "))
        var locked = login()
        #expect(refusal(feed(&locked, response("locked", proof))) == 4151)
        var wrong = login()
        #expect(refusal(feed(&wrong, response("locked", []))) == 1045)
        var early = login(AccountDirectory(accounts: nil))
        #expect(refusal(feed(&early, response("app", proof))) == 9509)
    }

    @Test func `TLS and the old protocol are refused as bad handshakes`() {
        var writer = ByteWriter()
        HandshakeResponse41(
            capabilities: CapabilityOffer.base, maximumPacketSize: 0, collation: 45, user: "", authResponse: []
        ).encodeSSLRequest(into: &writer)
        var tls = login()
        #expect(refusal(feed(&tls, writer.bytes)) == 1043)
        var old = login()
        #expect(refusal(feed(&old, [0x05, 0x00, 0, 0, 0] + Array("app\0pw\0".utf8))) == 1043)
    }

    @Test func `every truncation is refused, and none traps`() {
        let whole = response("app", proof, schema: "shop")
        for length in 0..<whole.count {
            var login = login()
            let step = feed(&login, Array(whole[..<length]))
            if case .send = step { continue }
            if case .work = step { continue }
            if case .verified = step {
                // Only a login that ends before the plugin's name is whole enough: servers take it, too.
                #expect(length >= whole.count - native.utf8.count - 1)
                continue
            }
            #expect(refusal(step) == 1043)
        }
    }

    @Test func `garbage never verifies`() {
        var state: UInt64 = 5
        func next() -> UInt8 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return UInt8(truncatingIfNeeded: state >> 56)
        }
        let whole = response("app", proof)
        for round in 0..<20_000 {
            var login = login()
            var payload = round.isMultiple(of: 2) ? whole : (0..<Int(next())).map { _ in next() }
            if !payload.isEmpty && round.isMultiple(of: 2) {
                let place = Int(next()) % payload.count
                payload[place] ^= next() | 1
                // A changed reply, name or plugin must not get in; other bytes of the head may change.
                guard place >= 32 else { continue }
            }
            if case .verified(let identity, _, _) = feed(&login, payload) {
                #expect(identity.user == "app" && payload != whole)
            }
        }
    }
}

@Suite struct AccountDirectoryTests {
    private func find(_ accounts: [(String, String, UInt8)], _ user: String, _ host: String) -> UInt8? {
        let directory = AccountDirectory(
            accounts: accounts.map { Account(user: $0.0, host: $0.1, stage2: [$0.2]) })
        guard case .account(let account) = directory.find(user: user, host: host),
            case .native(let stage2) = account.methods.first?.verifier
        else { return nil }
        return stage2.first
    }

    @Test func `the more specific host wins, whatever the order`() {
        let accounts: [(String, String, UInt8)] = [
            ("u", "%", 1), ("u", "10.%", 2), ("u", "10.0.0.%", 3), ("u", "10.0.0.0/255.255.255.0", 4),
            ("u", "10.0.0.5", 5),
            ("u", "", 6),
        ]
        for order in [accounts, accounts.reversed()] {
            #expect(find(order, "u", "10.0.0.5") == 5)
            #expect(find(order, "u", "10.0.0.6") == 4)
            #expect(find(order.filter { $0.2 != 4 }, "u", "10.0.0.6") == 3)
            #expect(find(order, "u", "10.9.0.1") == 2)
            #expect(find(order, "u", "11.0.0.1") == 1)
        }
    }

    @Test func `a named user goes before the anonymous one of the same host, a nearer host before both`() {
        #expect(find([("", "%", 1), ("u", "%", 2)], "u", "10.0.0.1") == 2)
        #expect(find([("", "localhost", 1), ("u", "%", 2)], "u", "localhost") == 1)
        #expect(find([("", "%", 1), ("u", "localhost", 2)], "u", "localhost") == 2)
        #expect(find([("", "%", 1)], "anybody", "10.0.0.1") == 1)
        #expect(find([("u", "%", 2)], "", "10.0.0.1") == nil)
    }

    @Test func `user names are told apart by case`() {
        #expect(find([("App", "%", 1)], "app", "10.0.0.1") == nil)
    }

    @Test func `a new list is used at once`() {
        let directory = AccountDirectory(accounts: [])
        #expect(directory.find(user: "u", host: "h") == .unknown)
        let account = Account(user: "u", host: "%", stage2: [])
        directory.replace([account])
        #expect(directory.find(user: "u", host: "h") == .account(account))
        #expect(AccountDirectory(accounts: nil).find(user: "u", host: "h") != .unknown)
    }

    @Test func `accounts that are not mirrored any more are not asked for`() {
        let directory = AccountDirectory(accounts: nil, refresh: { $0() })
        #expect(directory.canRefresh)
        let account = Account(user: "u", host: "%", stage2: [])
        directory.replace([account], isMirrored: false)
        #expect(!directory.canRefresh)
        #expect(directory.find(user: "u", host: "h") == .account(account))
        directory.replace([], isMirrored: true)
        #expect(directory.canRefresh)
        #expect(!AccountDirectory(accounts: []).canRefresh)
    }
}
