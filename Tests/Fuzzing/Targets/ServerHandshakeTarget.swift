// A server's greeting: what is read can be written and read again.
import Wire

enum ServerHandshakeTarget {
    static func run(_ bytes: UnsafeRawBufferPointer) {
        guard let greeting = try? InitialHandshake.parse(bytes), greeting.salt.count == InitialHandshake.saltSize else {
            return
        }
        var writer = ByteWriter()
        greeting.encode(into: &writer)
        let again = try? writer.bytes.withUnsafeBytes { bytes throws(WireError) in try InitialHandshake.parse(bytes) }
        precondition(again?.salt == greeting.salt, "another salt")
        precondition(again?.connectionID == greeting.connectionID, "another connection")
    }

    static let seeds: [[UInt8]] = [("5.5.5-10.11.6-MariaDB", false), ("9.7.4", true)].map { version, isMySQL in
        var capabilities: Capabilities = [.protocol41, .secureConnection, .pluginAuth, .deprecateEOF]
        capabilities.formUnion(isMySQL ? .longPassword : .mariadbStmtBulkOperations)
        var writer = ByteWriter()
        InitialHandshake(
            serverVersion: version, connectionID: 7, salt: Array(1...20), capabilities: capabilities, collation: 45,
            status: [.autocommit], authPlugin: isMySQL ? "caching_sha2_password" : "mysql_native_password"
        ).encode(into: &writer)
        return writer.bytes
    }
}
