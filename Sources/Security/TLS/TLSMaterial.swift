// What a TLS context is made of, and what can be wrong with it.

import COpenSSL
import Glibc

/// The oldest version of TLS that is spoken.
package enum TLSVersion: String, Sendable, CaseIterable {
    case tls12 = "1.2"
    case tls13 = "1.3"

    var number: Int32 { self == .tls12 ? TLS1_2_VERSION : TLS1_3_VERSION }
}

/// How a server's certificate is checked.
package enum TLSVerification: Sendable, Equatable {
    /// Not at all: nobody can listen, but anybody can answer.
    case none
    /// It is signed by somebody trusted.
    case authority
    /// It is signed by somebody trusted, and for the name or address that was connected to.
    case identity
}

/// The files of one side of TLS.
package struct TLSMaterial: Sendable, Equatable {
    /// The certificate in PEM, its own first, then those that sign it.
    package var certificate: String?
    /// The certificate's private key in PEM, not encrypted.
    package var key: String?
    /// Certificates in PEM of those whose signature counts.
    package var authority: String?
    /// The oldest version spoken.
    package var minimumVersion: TLSVersion

    /// Material by its parts; without any, a server makes a certificate itself.
    package init(
        certificate: String? = nil, key: String? = nil, authority: String? = nil, minimumVersion: TLSVersion = .tls12
    ) {
        self.certificate = certificate
        self.key = key
        self.authority = authority
        self.minimumVersion = minimumVersion
    }
}

/// Why TLS cannot be set up.
package struct TLSFailure: Error, Equatable, CustomStringConvertible {
    /// The part that is wrong.
    package enum Part: Sendable, Equatable { case certificate, key, authority, library }

    /// Where to look.
    package let part: Part
    /// What is wrong, as a clause that names the file.
    package let text: String

    init(_ part: Part, _ text: String) {
        self.part = part
        self.text = text
    }

    package var description: String { text }
}

/// OpenSSL's queue of errors, which it keeps for each thread.
enum OpenSSLErrors {
    /// The reason of the first error in words, or `fallback`; the queue is empty afterwards.
    static func take(_ fallback: String) -> String {
        defer { ERR_clear_error() }
        let code = ERR_get_error()
        guard code != 0 else { return fallback }
        // Of the system's own errors OpenSSL keeps the number only (ERR_SYSTEM_FLAG).
        if code & 0x8000_0000 != 0 { return String(cString: strerror(Int32(truncatingIfNeeded: code & 0x7FFF_FFFF))) }
        guard let reason = ERR_reason_error_string(code) else { return "OpenSSL error \(code)" }
        return String(cString: reason)
    }
}
