// OpenSSL as a whole: how it is set up, once, before anything of it is used.

import COpenSSL

/// The library behind this floor.
package enum CryptoLibrary {
    /// Keeps OpenSSL from cleaning up when the process exits: threads of ours may still be using it then (making a key,
    /// hashing a password), and would use freed memory. Its first caller decides, so this comes before everything else.
    package static func prepare() {
        OPENSSL_init_crypto(UInt64(OPENSSL_INIT_NO_ATEXIT), nil)
    }
}
