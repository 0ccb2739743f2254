// SHA-1, SHA-256 and SHA-512 of short byte strings.

import COpenSSL

/// SHA-1: only because `mysql_native_password` is made of it.
package enum SHA1 {
    /// Bytes of a hash.
    package static let size = 20

    /// Hash of the concatenation of `parts`, 20 bytes.
    package static func hash(_ parts: [UInt8]...) -> [UInt8] {
        let message = parts.count == 1 ? parts[0] : Array(parts.joined())
        return [UInt8](unsafeUninitializedCapacity: size) { output, count in
            let result = COpenSSL.SHA1(message, message.count, output.baseAddress)
            precondition(result != nil, "OpenSSL has no SHA-1")
            count = size
        }
    }
}

/// SHA-256, for `caching_sha2_password`.
package enum SHA256 {
    /// Bytes of a hash.
    package static let size = 32

    /// Hash of the concatenation of `parts`, 32 bytes.
    package static func hash(_ parts: [UInt8]...) -> [UInt8] {
        let message = parts.count == 1 ? parts[0] : Array(parts.joined())
        return [UInt8](unsafeUninitializedCapacity: size) { output, count in
            let result = COpenSSL.SHA256(message, message.count, output.baseAddress)
            precondition(result != nil, "OpenSSL has no SHA-256")
            count = size
        }
    }
}

/// SHA-512, for MariaDB's Ed25519.
package enum SHA512 {
    /// Bytes of a hash.
    package static let size = 64

    /// Hash of the concatenation of `parts`, 64 bytes.
    package static func hash(_ parts: [UInt8]...) -> [UInt8] {
        let message = parts.count == 1 ? parts[0] : Array(parts.joined())
        return [UInt8](unsafeUninitializedCapacity: size) { output, count in
            let result = COpenSSL.SHA512(message, message.count, output.baseAddress)
            precondition(result != nil, "OpenSSL has no SHA-512")
            count = size
        }
    }
}

/// Whether both have the same bytes; takes the same time wherever they differ. Lengths are no secret.
package func constantTimeEqual(_ left: [UInt8], _ right: [UInt8]) -> Bool {
    left.count == right.count && CRYPTO_memcmp(left, right, left.count) == 0
}
