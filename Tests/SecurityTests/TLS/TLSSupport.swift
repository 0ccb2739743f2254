// Certificates in files, and two ends of TLS over a pair of sockets.

import COpenSSL
import Glibc
import Testing

@testable import Security

/// A folder with PEM files; removed with them.
final class PEMFolder {
    let path: String

    init() throws {
        var template = Array("/tmp/switchyard-security-XXXXXX".utf8CString)
        try #require(mkdtemp(&template) != nil)
        path = String(decoding: template.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    deinit {
        for name in ["one.pem", "one-key.pem", "two.pem", "two-key.pem", "junk.pem"] { unlink("\(path)/\(name)") }
        rmdir(path)
    }

    /// Writes the certificate and its key; their paths.
    func write(_ made: SelfMadeCertificate, _ name: String) throws -> (certificate: String, key: String) {
        let paths = ("\(path)/\(name).pem", "\(path)/\(name)-key.pem")
        let certificate = try #require(fopen(paths.0, "w"))
        #expect(PEM_write_X509(certificate, made.certificate) == 1)
        fclose(certificate)
        let key = try #require(fopen(paths.1, "w"))
        #expect(PEM_write_PrivateKey(key, made.key, nil, nil, 0, nil, nil) == 1)
        fclose(key)
        return paths
    }

    func write(text: String, _ name: String) throws -> String {
        let file = try #require(fopen("\(path)/\(name)", "w"))
        fputs(text, file)
        fclose(file)
        return "\(path)/\(name)"
    }
}

/// Two connected sockets that do not block.
func nonBlockingPair() throws -> [Int32] {
    var ends: [Int32] = [0, 0]
    let status = socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue), 0, &ends)
    try #require(status == 0)
    return ends
}

/// A client and a server on the two ends of a socket pair, driven by turns.
final class TLSPair {
    let client: TLSSession
    let server: TLSSession
    private let descriptors: [Int32]

    init(_ clientContext: TLSContext, _ serverContext: TLSContext, host: String? = nil) throws {
        let ends = try nonBlockingPair()
        descriptors = ends
        client = try #require(
            TLSSession.connect(clientContext, descriptor: ends[0], host: host, cacheKey: "server"))
        server = try #require(TLSSession.accept(serverContext, descriptor: ends[1]))
    }

    deinit { for descriptor in descriptors { close(descriptor) } }

    /// Runs both handshakes; how each ended.
    func handshake() -> (client: TLSHandshakeStep, server: TLSHandshakeStep) {
        var steps = (client: TLSHandshakeStep.wouldBlock, server: TLSHandshakeStep.wouldBlock)
        for _ in 0..<20 where steps.client == .wouldBlock || steps.server == .wouldBlock {
            client.inputBecameReady(isFinished: false)
            if steps.client == .wouldBlock { steps.client = client.handshake() }
            server.inputBecameReady(isFinished: false)
            if steps.server == .wouldBlock { steps.server = server.handshake() }
        }
        return steps
    }

    /// What one end receives of what the other sends.
    func pass(_ bytes: [UInt8], from sender: TLSSession, to receiver: TLSSession) -> [UInt8] {
        var sent = 0
        var received: [UInt8] = []
        var target = [UInt8](repeating: 0, count: 50_000)
        for _ in 0..<100_000 where received.count < bytes.count {
            if sent < bytes.count,
                case .transferred(let count) = bytes.withUnsafeBytes({
                    sender.write(UnsafeRawBufferPointer(rebasing: $0[sent...]))
                })
            {
                sent += count
            }
            _ = sender.flush()
            receiver.inputBecameReady(isFinished: false)
            if case .transferred(let count) = target.withUnsafeMutableBytes({ receiver.read(into: $0) }) {
                received += target[..<count]
            }
        }
        return received
    }
}
