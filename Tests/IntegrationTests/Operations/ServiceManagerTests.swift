// The proxy under a service manager: a socket of ours stands for systemd's.

import Foundation
import LocalCluster
import TestSupport
import Testing

/// A datagram socket, and what was sent to it.
private final class ServiceManager {
    private let folder: ScratchFolder
    private let descriptor: Int32
    private(set) var messages: [String] = []

    init() throws {
        folder = try ScratchFolder()
        descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let path = Array("\(folder.path)/notify".utf8)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path) }
        let result = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        try #require(result == 0)
    }

    deinit {
        close(descriptor)
        folder.remove()
    }

    /// What goes before the command line of the service.
    func launchPrefix(watchdogMicroseconds: Int) -> [String] {
        ["/usr/bin/env", "NOTIFY_SOCKET=\(folder.path)/notify", "WATCHDOG_USEC=\(watchdogMicroseconds)"]
    }

    private func receive() {
        var bytes = [UInt8](repeating: 0, count: 4_096)
        while case let count = recv(descriptor, &bytes, bytes.count, Int32(MSG_DONTWAIT)), count >= 0 {
            messages.append(String(decoding: bytes[..<count], as: UTF8.self))
        }
    }

    /// Waits for a message that was not waited for before; forgets those up to it.
    @discardableResult
    func expect(_ what: String, _ isIt: (String) -> Bool) throws -> String {
        try eventually("the service says \(what)") {
            receive()
            guard let index = messages.firstIndex(where: isIt) else { return nil }
            defer { messages.removeFirst(index + 1) }
            return messages[index]
        }
    }
}

extension Integration {
    @Suite struct ServiceManagerTests {
        @Test func `a service says when it serves, reloads, makes progress and ends`() throws {
            let manager = try ServiceManager()
            var options = Stage.Options().cluster
            options.replicas = 0
            let cluster = try LocalCluster.start(options)
            defer { cluster.stop() }
            let proxy = try ProxyProcess.start(
                ProxyConfiguration(cluster), launchPrefix: manager.launchPrefix(watchdogMicroseconds: 1_000_000),
                until: MySQLLogin(port: 0, user: cluster.appUser, password: cluster.appPassword))
            defer { proxy.kill() }
            try manager.expect("that it is ready") { $0.hasPrefix("READY=1\nSTATUS=") }
            try manager.expect("who is the primary") {
                $0.hasPrefix("STATUS=") && $0.contains("main: primary \(cluster.nodes[0].address), epoch 1")
            }
            for _ in 0..<3 { try manager.expect("that it makes progress") { $0 == "WATCHDOG=1" } }

            proxy.signal(SIGHUP)
            let reloading = try manager.expect("that it reloads") { $0.hasPrefix("RELOADING=1\nMONOTONIC_USEC=") }
            let time = try #require(reloading.split(separator: "=").last.flatMap { Double($0) })
            #expect(time / 1e6 <= monotonicSeconds())
            try manager.expect("that it is ready again") { $0 == "READY=1" }

            let session = try MySQLSession(
                MySQLLogin(
                    port: proxy.ports.split, user: cluster.appUser, password: cluster.appPassword, schema: "app"))
            try session.run("BEGIN", "CREATE TEMPORARY TABLE held (id INT)")
            proxy.signal(SIGTERM)
            let stopping = try manager.expect("that it ends") { $0.hasPrefix("STOPPING=1\n") }
            #expect(stopping.contains("EXTEND_TIMEOUT_USEC=20000000") && stopping.hasSuffix("STATUS=draining"))
            // What drains makes progress, too.
            for _ in 0..<2 { try manager.expect("that it makes progress") { $0 == "WATCHDOG=1" } }
            session.close()
            #expect(proxy.waitForEnd() == .exit(0))
        }

        @Test func `a service without a primary serves and makes progress all the same`() throws {
            let manager = try ServiceManager()
            let proxy = try ProxyProcess(
                ProxyConfiguration(nodes: ["127.0.0.1:\(LocalCluster.freePort())"]),
                launchPrefix: manager.launchPrefix(watchdogMicroseconds: 400_000))
            defer { proxy.kill() }
            // Without a primary it serves all the same: clients wait for one.
            try manager.expect("that there is no primary") { $0.contains("STATUS=") && $0.contains("main: no primary") }
            try manager.expect("that it makes progress") { $0 == "WATCHDOG=1" }
            proxy.signal(SIGTERM)
            try manager.expect("that it ends") { $0.hasPrefix("STOPPING=1\n") }
            #expect(proxy.waitForEnd() == .exit(0))
            #expect(!manager.messages.contains { $0.hasPrefix("READY=1") })
        }
    }
}
