// A real mariadbd in a temporary directory on a free loopback port, gone when the test ends.

import Foundation
import Glibc

/// Starts, freezes and ends one server.
final class ThrowAwayServer {
    enum Failure: Error { case notStarted(String) }

    let port: UInt16
    private let directory: URL
    private let process = Process()

    /// Starts a server; `statements` run before it accepts connections.
    init(serverID: Int, statements: [String] = [], options: [String] = []) throws {
        directory = URL(fileURLWithPath: NSTemporaryDirectory())
            .appendingPathComponent("topology-tests-\(getpid())-\(UUID().uuidString.prefix(8))")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        port = try Self.freePort()
        let data = directory.appendingPathComponent("data").path
        try Self.run(
            "/usr/bin/mariadb-install-db",
            [
                "--no-defaults", "--auth-root-authentication-method=normal", "--skip-test-db", "--user=root",
                "--datadir=\(data)",
            ])
        let grants = [
            "CREATE USER monitor@'%' IDENTIFIED BY 'monpw'",
            "GRANT SLAVE MONITOR, REPLICATION MASTER ADMIN, REPLICATION SLAVE, PROCESS ON *.* TO monitor@'%'",
            "GRANT SELECT ON mysql.global_priv TO monitor@'%'",
            "CREATE USER admin@'%' IDENTIFIED BY 'adminpw'", "GRANT ALL ON *.* TO admin@'%' WITH GRANT OPTION",
        ]
        let script = directory.appendingPathComponent("init.sql")
        let lines = ["SET sql_log_bin=0"] + grants + statements
        try lines.map { $0 + ";\n" }.joined().write(to: script, atomically: true, encoding: .utf8)
        process.executableURL = URL(fileURLWithPath: "/usr/sbin/mariadbd")
        process.arguments =
            [
                "--no-defaults", "--user=root", "--datadir=\(data)", "--port=\(port)", "--bind-address=127.0.0.1",
                "--socket=\(directory.path)/socket", "--server-id=\(serverID)", "--log-bin=binlog",
                "--innodb-buffer-pool-size=16M", "--innodb-log-file-size=8M", "--init-file=\(script.path)",
            ] + options
        process.standardError = try FileHandle(forWritingTo: Self.file(directory, "log"))
        process.standardOutput = FileHandle.nullDevice
        try process.run()
        for _ in 0..<600 where !isListening() {
            guard process.isRunning else { throw Failure.notStarted(log) }
            usleep(50_000)
        }
        guard isListening() else { throw Failure.notStarted(log) }
    }

    deinit {
        kill(process.processIdentifier, SIGCONT)
        kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
        try? FileManager.default.removeItem(at: directory)
    }

    /// Stops the process from running without ending it.
    func freeze() { kill(process.processIdentifier, SIGSTOP) }

    /// Ends `freeze`.
    func thaw() { kill(process.processIdentifier, SIGCONT) }

    /// Ends the process without a word.
    func crash() {
        kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
    }

    private var log: String {
        (try? String(contentsOf: directory.appendingPathComponent("log"), encoding: .utf8)) ?? ""
    }

    private func isListening() -> Bool {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        var address = Self.loopback(port)
        return withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
    }

    private static func file(_ directory: URL, _ name: String) -> URL {
        let file = directory.appendingPathComponent(name)
        _ = FileManager.default.createFile(atPath: file.path, contents: nil)
        return file
    }

    private static func run(_ path: String, _ arguments: [String]) throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: path)
        process.arguments = arguments
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        if process.terminationStatus != 0 { throw Failure.notStarted("\(path) failed") }
    }

    private static func loopback(_ port: UInt16) -> sockaddr_in {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        return address
    }

    private static func freePort() throws -> UInt16 {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        var address = loopback(0)
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isBound = withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, length) == 0 && getsockname(descriptor, $0, &length) == 0
            }
        }
        guard isBound else { throw Failure.notStarted("no free port") }
        return UInt16(bigEndian: address.sin_port)
    }
}
