// What a client sends to log in: what is read can be written and read again.
import Wire

enum ClientHandshakeTarget {
    static func run(_ bytes: UnsafeRawBufferPointer) {
        guard case .response(let response) = try? ClientHandshake.parse(bytes) else { return }
        precondition(response.attributes.count <= bytes.count, "more attributes than bytes")
        guard response.authResponse.count <= 0xFF else { return }
        var writer = ByteWriter()
        response.encode(into: &writer)
        guard
            case .response(let again) = try? writer.bytes.withUnsafeBytes({ bytes throws(WireError) in
                try ClientHandshake.parse(bytes)
            })
        else { preconditionFailure("written, it cannot be read") }
        precondition(again.user == response.user && again.schema == response.schema, "another login")
    }

    static let seeds: [[UInt8]] = {
        let capabilities: Capabilities = [
            .protocol41, .secureConnection, .pluginAuth, .pluginAuthLenencClientData, .connectAttrs, .connectWithDB,
        ]
        var full = ByteWriter()
        let response = HandshakeResponse41(
            capabilities: capabilities, maximumPacketSize: 1 << 24, collation: 45, user: "app",
            authResponse: Array(1...20), schema: "app", authPlugin: "mysql_native_password",
            attributes: [ConnectAttribute(key: "_client_name", value: "libmysql")])
        response.encode(into: &full)
        var request = ByteWriter()
        response.encodeSSLRequest(into: &request)
        var old = ByteWriter()
        HandshakeResponse41(
            capabilities: [.protocol41, .secureConnection], maximumPacketSize: 0, collation: 8, user: "",
            authResponse: []
        ).encode(into: &old)
        return [full.bytes, request.bytes, old.bytes]
    }()
}
