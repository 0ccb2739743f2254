// Unpredictable bytes.

import COpenSSL

/// OpenSSL's generator, seeded by the kernel.
package enum SecureRandom {
    /// `count` random bytes. Traps when the generator cannot be seeded: nothing secret could be made then.
    package static func bytes(count: Int) -> [UInt8] {
        precondition(count >= 0 && count <= Int(Int32.max), "count is a byte count")
        return [UInt8](unsafeUninitializedCapacity: count) { output, initialized in
            precondition(count == 0 || RAND_bytes(output.baseAddress, Int32(count)) == 1, "no random source")
            initialized = count
        }
    }
}
