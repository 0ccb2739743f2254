// The login from both sides.

import Testing
import Wire

@Suite struct HandshakeTests {
    private static let login = HandshakeResponse41(
        capabilities: [
            .protocol41, .longPassword, .secureConnection, .pluginAuth, .pluginAuthLenencClientData, .connectWithDB,
            .connectAttrs,
        ], maximumPacketSize: 1 << 24, collation: 45, user: "app", authResponse: Array(1...20), schema: "shop",
        authPlugin: "mysql_native_password",
        attributes: [
            ConnectAttribute(key: "_client_name", value: "libmysql"), ConnectAttribute(key: "program_name", value: ""),
        ])

    private func encoded(_ response: HandshakeResponse41) -> [UInt8] {
        var writer = ByteWriter()
        response.encode(into: &writer)
        return writer.bytes
    }

    private func parsed(_ payload: [UInt8]) throws -> ClientHandshake {
        try payload.withWireBytes { (bytes) throws(WireError) in try ClientHandshake.parse(bytes) }
    }

    @Test func `MariaDB's greeting is read with its extended flags`() throws {
        let payload = payloads(Captured.greeting)[0]
        let greeting = try payload.withWireBytes { (bytes) throws(WireError) in try InitialHandshake.parse(bytes) }
        #expect(greeting.serverVersion == "5.5.5-10.11.19-MariaDB-0+deb12u1-log")
        #expect(greeting.connectionID == 4)
        #expect(greeting.salt == hex("566a3051286f7932 2b7d5b2c6849742c7c4e5029"))
        #expect(greeting.collation == 8)
        #expect(greeting.status == .autocommit)
        #expect(greeting.authPlugin == "mysql_native_password")
        #expect(greeting.capabilities.isSuperset(of: [.protocol41, .deprecateEOF, .sessionTrack, .mariadbProgress]))
        #expect(greeting.capabilities.isSuperset(of: [.mariadbStmtBulkOperations, .mariadbCacheMetadata]))
        #expect(greeting.capabilities.isDisjoint(with: [.longPassword, .ssl, .mariadbComMulti]))

        var writer = ByteWriter()
        greeting.encode(into: &writer)
        #expect(writer.bytes == payload)
    }

    @Test func `every truncated greeting is refused`() {
        let payload = payloads(Captured.greeting)[0]
        // From the plugin's name on, a missing end is what old servers send.
        for end in 0..<(payload.count - 22) {
            #expect(throws: WireError.self) {
                try Array(payload[..<end]).withWireBytes { (bytes) throws(WireError) in
                    try InitialHandshake.parse(bytes)
                }
            }
        }
    }

    @Test func `an ERR packet instead of a greeting tells its code`() {
        let payload = hex("ff 1004") + Array("Too many connections".utf8)
        #expect(throws: WireError.refused(code: 1040, message: "Too many connections")) {
            try payload.withWireBytes { (bytes) throws(WireError) in try InitialHandshake.parse(bytes) }
        }
    }

    @Test func `a greeting of another protocol is refused`() {
        #expect(throws: WireError.unsupportedProtocol(version: 9)) {
            try hex("09 35").withWireBytes { (bytes) throws(WireError) in try InitialHandshake.parse(bytes) }
        }
    }

    @Test func `extended flags stay out of a greeting that claims to be MySQL`() throws {
        var greeting = try payloads(Captured.greeting)[0].withWireBytes { (bytes) throws(WireError) in
            try InitialHandshake.parse(bytes)
        }
        greeting.capabilities.insert(.longPassword)
        var writer = ByteWriter()
        greeting.encode(into: &writer)
        let read = try writer.bytes.withWireBytes { (bytes) throws(WireError) in try InitialHandshake.parse(bytes) }
        #expect(read.capabilities.extendedBits == 0)
        #expect(read.capabilities.standardBits == greeting.capabilities.standardBits)
    }

    @Test func `a login has the layout of the manual`() throws {
        let bytes = encoded(Self.login)
        let expected =
            hex("09 82 38 00 00 00 00 01 2d") + Array(repeating: 0, count: 23) + Array("app".utf8) + [0, 20]
            + Array(1...20) + Array("shop\0mysql_native_password\0".utf8) + [36, 12] + Array("_client_name".utf8) + [8]
            + Array("libmysql".utf8) + [12] + Array("program_name".utf8) + [0]
        #expect(bytes == expected)
        #expect(try parsed(bytes) == .response(Self.login))
    }

    @Test func `the three forms of the auth response are honoured`() throws {
        var login = Self.login
        login.capabilities.remove(.pluginAuthLenencClientData)
        #expect(try parsed(encoded(login)) == .response(login))
        login.capabilities.remove(.secureConnection)
        #expect(Array(encoded(login)[32...].prefix(7)) == Array("app".utf8) + [0, 1, 2, 3])
        #expect(try parsed(encoded(login)) == .response(login))
        login.capabilities.insert([.secureConnection, .pluginAuthLenencClientData])
        login.authResponse = Array(repeating: 5, count: 300)
        #expect(try parsed(encoded(login)) == .response(login))
    }

    @Test func `MariaDB's client flags travel where bit 0 is not set`() throws {
        var login = Self.login
        login.capabilities.remove(.longPassword)
        login.capabilities.insert([.mariadbStmtBulkOperations, .mariadbProgress])
        #expect(try parsed(encoded(login)) == .response(login))
    }

    @Test func `a TLS request is the head of a login`() throws {
        var writer = ByteWriter()
        Self.login.encodeSSLRequest(into: &writer)
        #expect(writer.bytes.count == 32)
        #expect(try parsed(writer.bytes) == .sslRequest(Self.login.capabilities.union(.ssl)))
    }

    @Test func `a login of MySQL 4_0 is recognised`() throws {
        #expect(try parsed(hex("8524 000000 6f6c64 00")) == .oldProtocol)
    }

    @Test func `every truncated login is refused or lacks what was cut off`() {
        let bytes = encoded(Self.login)
        for end in bytes.indices {
            guard let result = try? parsed(Array(bytes[..<end])) else { continue }
            #expect(result != .response(Self.login), "cut at \(end)")
            #expect(end > 32)
        }
    }

    @Test func `attributes beyond 64 KiB are refused`() {
        var login = Self.login
        login.attributes = [ConnectAttribute(key: "k", value: String(repeating: "v", count: 65_536))]
        #expect(throws: WireError.attributesTooLarge(byteCount: 65_542)) { try parsed(encoded(login)) }
    }

    @Test func `an auth switch carries plugin and salt`() throws {
        let request = AuthSwitchRequest(plugin: "mysql_native_password", salt: Array(1...20))
        var writer = ByteWriter()
        request.encode(into: &writer)
        #expect(writer.bytes == [0xFE] + Array("mysql_native_password\0".utf8) + Array(1...20) + [0])
        let read = try writer.bytes.withWireBytes { (bytes) throws(WireError) in try AuthSwitchRequest.parse(bytes) }
        #expect(read == request)
        #expect(read.salt == Array(1...20))
        let old = try [UInt8(0xFE)].withWireBytes { (bytes) throws(WireError) in try AuthSwitchRequest.parse(bytes) }
        #expect(old.plugin == "mysql_old_password")
    }

    @Test func `more auth data is the rest of its packet`() throws {
        var writer = ByteWriter()
        AuthMoreData(data: [4]).encode(into: &writer)
        #expect(writer.bytes == [1, 4])
        let read = try writer.bytes.withWireBytes { (bytes) throws(WireError) in try AuthMoreData.parse(bytes) }
        #expect(read.data == [4])
    }
}
