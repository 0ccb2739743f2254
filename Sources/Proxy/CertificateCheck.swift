// Certificates that have ended: the proxy runs with them, and clients that verify refuse it.
package import Configuration
internal import Foundation
internal import Security

/// What `switchyard check` says of certificates beyond what reading the settings does.
package enum CertificateCheck {
    /// A sentence for each `tls:` whose certificate has ended.
    package static func expired(
        in settings: Settings, now: Int64 = Int64(Date().timeIntervalSince1970)
    ) -> [String] {
        let doors = TLSSources.doors(settings).filter { $0.tls.mode != .disabled }.map { ($0.name, $0.tls.files) }
        let clusters = settings.clusters.filter { $0.tls.mode != .disabled }
            .map { ("cluster '\($0.name)'", $0.tls.files) }
        return (doors + clusters).compactMap { name, files in
            guard let path = files.certificate,
                let context = try? TLSContext.client(files.material, verification: .none),
                let end = context.certificate?.expiry(before: now)
            else { return nil }
            return "\(name): the certificate in \(path) has expired (\(end))"
        }
    }
}

extension CertificateFacts {
    /// When it ended, for people; nil while it holds.
    func expiry(before now: Int64) -> String? {
        guard notAfterUnixSeconds <= now else { return nil }
        return Date(timeIntervalSince1970: Double(notAfterUnixSeconds)).ISO8601Format()
    }
}
