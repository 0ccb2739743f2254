// mysql_native_password: the double SHA-1 scheme, from both ends.

/// The server keeps stage 2 = SHA1(SHA1(password)). The client proves that it knows stage 1 = SHA1(password) by
/// sending stage 1 XOR SHA1(salt, stage 2). Who knows stage 2 can check that, and then knows stage 1 as well: with it
/// the proxy logs in to servers.
/// https://dev.mysql.com/doc/dev/mysql-server/latest/page_protocol_connection_phase_authentication_methods_native_password_authentication.html
package enum NativePassword {
    /// The plugin's name.
    package static let plugin = "mysql_native_password"
    /// Bytes of a salt.
    package static let saltSize = 20

    /// SHA1(password), 20 bytes.
    package static func stage1(password: [UInt8]) -> [UInt8] {
        SHA1.hash(password)
    }

    /// SHA1(stage 1), 20 bytes: what the server stores.
    package static func stage2(fromStage1 stage1: [UInt8]) -> [UInt8] {
        SHA1.hash(stage1)
    }

    /// Stage 2 from `*` and 40 hexadecimal digits, as in `mysql.user`; nil when it is not that.
    package static func stage2(fromAccountHash text: String) -> [UInt8]? {
        let bytes = Array(text.utf8)
        guard bytes.count == 1 + 2 * SHA1.size, bytes[0] == UInt8(ascii: "*") else { return nil }
        var result: [UInt8] = []
        for index in stride(from: 1, to: bytes.count, by: 2) {
            guard let high = HexDigit.value(bytes[index]), let low = HexDigit.value(bytes[index + 1]) else {
                return nil
            }
            result.append(high << 4 | low)
        }
        return result
    }

    /// The client's 20-byte answer to a 20-byte salt. For an empty password the answer is empty: do not ask here.
    package static func reply(stage1: [UInt8], salt: [UInt8]) -> [UInt8] {
        exclusiveOr(stage1, SHA1.hash(salt, SHA1.hash(stage1)))
    }

    /// Stage 1, if `reply` proves that its sender knows the password behind `stage2`; else nil.
    package static func recoverStage1(reply: [UInt8], salt: [UInt8], stage2: [UInt8]) -> [UInt8]? {
        guard reply.count == SHA1.size, stage2.count == SHA1.size, salt.count == saltSize else { return nil }
        let candidate = exclusiveOr(reply, SHA1.hash(salt, stage2))
        return constantTimeEqual(SHA1.hash(candidate), stage2) ? candidate : nil
    }

    /// 20 random bytes for a greeting: 1 ... 127 without `$`, because clients treat the salt as a C string and servers
    /// keep `$` as a separator in stored hashes.
    package static func makeSalt() -> [UInt8] {
        SecureRandom.bytes(count: saltSize).map { byte in
            let seven = byte & 0x7F
            return seven == 0 || seven == UInt8(ascii: "$") ? seven + 1 : seven
        }
    }

    private static func exclusiveOr(_ left: [UInt8], _ right: [UInt8]) -> [UInt8] {
        zip(left, right).map { $0 ^ $1 }
    }
}
