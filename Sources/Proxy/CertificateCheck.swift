// What is wrong with the certificates that settings name, before a proxy runs on them.
package import Configuration
internal import Foundation
internal import Security

/// Reads the files of every `tls:` as a start would, and tells all mistakes at once.
package enum CertificateCheck {
    /// Sentences that name the key and the file; empty when all is well. An expired certificate is one of them, though the
    /// proxy starts with it: clients that verify refuse it.
    package static func mistakes(in settings: Settings, now: Int64 = Int64(Date().timeIntervalSince1970)) -> [String] {
        var mistakes: [String] = []
        do throws(TLSFailure) {
            let fallback = try SelfMadeCertificate()
            for door in TLSSources.doors(settings) where door.tls.mode != .disabled {
                check(door.name, door.tls.files.material, now, &mistakes) { () throws(TLSFailure) in
                    try TLSContext.server(door.tls.files.material, fallback: fallback)
                }
            }
            for cluster in settings.clusters where cluster.tls.mode != .disabled {
                check("cluster '\(cluster.name)'", cluster.tls.files.material, now, &mistakes) {
                    () throws(TLSFailure) in
                    try TLSContext.client(cluster.tls.files.material, verification: cluster.tls.mode.verification)
                }
            }
        } catch {
            mistakes.append("TLS: \(error)")
        }
        return mistakes
    }

    private static func check(
        _ name: String, _ material: TLSMaterial, _ now: Int64, _ mistakes: inout [String],
        _ make: () throws(TLSFailure) -> TLSContext
    ) {
        do throws(TLSFailure) {
            if let end = try make().certificate?.expiry(before: now) {
                mistakes.append("\(name): the certificate in \(material.certificate ?? "memory") has expired (\(end))")
            }
        } catch {
            mistakes.append("\(name): \(error)")
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
