// The proxy's login to a server that says anything: the password never goes to one who could be listening.
import Security
import Wire

@testable import Backend

enum ServerLoginTarget {
    private static let password = Array("a password to be kept".utf8)

    static func run(_ bytes: UnsafeRawBufferPointer) {
        var choices = FuzzChoices(bytes)
        let flags = choices.byte()
        var login = ServerLogin(
            account: BackendAccount(user: "app", secret: LoginSecret(password: SecretBytes(password))),
            traits: ConnectionTraits(capabilities: ~0, collation: 45),
            attributes: [ConnectAttribute(key: "program_name", value: "fuzz")],
            encryption: flags & 1 == 0 ? .disabled : flags & 2 == 0 ? .preferred : .required)
        var sequence: UInt8 = 0
        var isOver = false
        forEachShortPacket(choices.rest) { payload in
            guard !isOver else { return }
            switch login.packetReceived(payload, sequence: sequence) {
            case .send(let packet), .startTLS(let packet):
                precondition(!contains(packet, password), "the password in clear, for everybody to hear")
            case .fail: isOver = true
            default: break
            }
            sequence &+= 2
        }
    }

    private static func contains(_ packet: [UInt8], _ part: [UInt8]) -> Bool {
        guard packet.count >= part.count else { return false }
        return (0...(packet.count - part.count)).contains { packet[$0..<($0 + part.count)].elementsEqual(part) }
    }

    static let seeds: [[UInt8]] = ["mysql_native_password", "caching_sha2_password", "client_ed25519", "parsec"]
        .flatMap { plugin in
            var greeting = ByteWriter()
            InitialHandshake(
                serverVersion: "9.7.0", connectionID: 7, salt: Array(1...20),
                capabilities: [.protocol41, .secureConnection, .pluginAuth, .longPassword, .ssl], collation: 45,
                status: [.autocommit], authPlugin: plugin
            ).encode(into: &greeting)
            let ask = [0xFE] + Array("mysql_clear_password".utf8) + [0]
            let key = [1] + Array("-----BEGIN PUBLIC KEY-----\n".utf8)
            return [
                [0] + shortPacket(greeting.bytes) + shortPacket([1, 4]) + shortPacket(key),
                [3] + shortPacket(greeting.bytes) + shortPacket(ask),
            ]
        }
}
