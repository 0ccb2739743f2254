// A client's login, packet after packet: nobody gets in who does not know the password.
import Security
import Wire

@testable import Frontend

enum ClientLoginTarget {
    private static let salt = (1...20).map { UInt8($0) }
    private static let password = SecretBytes(Array("a password that no fuzzer guesses".utf8))
    private static let plugins = [
        "mysql_native_password", "caching_sha2_password", "client_ed25519", "mysql_clear_password", "parsec", "",
    ]
    private static let accounts = plugins.map { plugin in
        Account(
            user: plugin.isEmpty ? "any" : plugin, host: "%",
            methods: [
                AuthMethod(plugin: plugin == "client_ed25519" ? "ed25519" : plugin, verifier: .password(password))
            ])
    }
    private static let directory = AccountDirectory(accounts: accounts)
    private static let worker = LoginWorker()

    static func run(_ bytes: UnsafeRawBufferPointer) {
        var choices = FuzzChoices(bytes)
        let isSecure = choices.byte() & 1 == 1
        var login = ClientLogin(
            salt: salt, peerHost: "10.0.0.1", directory: directory, channel: LoginChannel(isSecure: isSecure))
        _ = login.greetingPacket(
            Greeting(serverVersion: "9.7.0", collation: 255, connectionID: 1, plugin: choices.one(of: plugins)))
        var sequence: UInt8 = 1
        var isOver = false
        forEachShortPacket(choices.rest) { payload in
            guard !isOver else { return }
            var step = login.packetReceived(payload, sequence: sequence)
            while case .work(let work) = step { step = login.workEnded(worker.result(of: work, directory.passwords)) }
            sequence &+= 2
            switch step {
            case .verified: preconditionFailure("somebody got in without the password")
            case .refuse: isOver = true
            default: break
            }
        }
    }

    static let seeds: [[UInt8]] = plugins.enumerated().map { index, plugin in
        var response = ByteWriter()
        HandshakeResponse41(
            capabilities: [.protocol41, .secureConnection, .pluginAuth, .pluginAuthLenencClientData],
            maximumPacketSize: 1 << 24, collation: 45, user: plugin.isEmpty ? "any" : plugin,
            authResponse: [UInt8](repeating: 7, count: 32), authPlugin: plugin
        ).encode(into: &response)
        return [UInt8(index), UInt8(index)] + shortPacket(response.bytes) + shortPacket([2])
            + shortPacket([UInt8](repeating: 9, count: 64))
    }
}
