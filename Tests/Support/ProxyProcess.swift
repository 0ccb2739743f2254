// The real binary, run as an operator would.

import Foundation

/// A proxy could not be started.
package struct ProxyFailure: Error, CustomStringConvertible {
    package let description: String
}

/// A running `switchyard run --config FILE`.
package final class ProxyProcess: Sendable {
    package let ports: ProxyPorts
    private let consoleAddress: String
    /// The settings file that it was started with.
    package let settingsFile: String
    private let program: ChildProgram

    /// Where the binary is: `SWITCHYARD_BINARY`, or beside the test bundle.
    package static func binary() throws -> String {
        if let path = ProcessInfo.processInfo.environment["SWITCHYARD_BINARY"] { return path }
        var folder = URL(fileURLWithPath: try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe"))
        folder.deleteLastPathComponent()
        let path = folder.appendingPathComponent("switchyard").path
        guard FileManager.default.isExecutableFile(atPath: path) else {
            throw ProxyFailure(
                description: "there is no binary at \(path): run `swift build --product switchyard` first")
        }
        return path
    }

    /// Writes the settings to a file and starts the binary, without waiting for it.
    ///
    /// - Parameter launchPrefix: goes before the command line and becomes the binary by `exec`, such as
    ///   `["/sbin/ip", "netns", "exec", "a"]`.
    package init(
        _ configuration: ProxyConfiguration, ports: ProxyPorts = ProxyPorts(), launchPrefix: [String] = []
    ) throws {
        self.ports = ports
        consoleAddress = configuration.consoleAddress
        let folder = try ScratchFolder()
        let file = try folder.write("switchyard.yaml", configuration.yaml(ports))
        settingsFile = file
        let line = launchPrefix + [try Self.binary(), "run", "--config", file]
        program = try ChildProgram(line[0], Array(line.dropFirst()), folder: folder)
    }

    /// Starts it and waits until `login` is accepted on the splitting listener.
    package static func start(
        _ configuration: ProxyConfiguration, ports: ProxyPorts = ProxyPorts(), launchPrefix: [String] = [],
        until login: MySQLLogin
    ) throws -> ProxyProcess {
        let proxy = try ProxyProcess(configuration, ports: ports, launchPrefix: launchPrefix)
        do {
            try eventually("the proxy accepts a login", seconds: 30) {
                guard proxy.isRunning else { return true }
                _ = try MySQLSession(login.with { $0.port = ports.split })
                return true
            }
            guard proxy.isRunning else { throw ProxyFailure(description: "the proxy ended while starting") }
        } catch {
            defer { proxy.kill() }
            throw ProxyFailure(description: "\(error)\nThe proxy's log:\n\(proxy.log)")
        }
        return proxy
    }

    deinit { kill() }

    /// Replaces the settings file; whether anybody reads it is another matter.
    package func write(_ configuration: ProxyConfiguration) throws { try write(configuration.yaml(ports)) }

    /// The same with any text.
    package func write(_ yaml: String) throws {
        try yaml.write(toFile: settingsFile, atomically: true, encoding: .utf8)
    }

    package var pid: Int32 { program.pid }
    package var isRunning: Bool { program.isRunning }
    /// Everything it wrote to standard output and error.
    package var log: String { program.output }

    /// Sends a signal and waits for the end; nil when it still runs after `seconds`.
    package func stop(_ signal: Int32 = SIGTERM, seconds: Double = 30) -> ChildProgram.End? {
        program.signal(signal)
        return program.waitForEnd(seconds: seconds)
    }

    package func signal(_ number: Int32) { program.signal(number) }

    package func waitForEnd(seconds: Double = 30) -> ChildProgram.End? { program.waitForEnd(seconds: seconds) }

    /// Ends it in whatever state it is, and removes its files.
    package func kill() { program.kill() }

    /// Resident memory in bytes.
    package var residentBytes: Int {
        let status = (try? String(contentsOfFile: "/proc/\(pid)/status", encoding: .utf8)) ?? ""
        let line = status.split(separator: "\n").first { $0.hasPrefix("VmRSS:") } ?? ""
        let kibibytes = line.split(whereSeparator: { !$0.isNumber }).first.flatMap { Int($0) } ?? 0
        return kibibytes * 1_024
    }

    /// A login to the console.
    package var console: MySQLLogin {
        MySQLLogin(
            host: consoleAddress, port: ports.console, user: ProxyConfiguration.console.user,
            password: ProxyConfiguration.console.password)
    }
}
