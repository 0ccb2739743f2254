// One server of a local cluster: its address, its files and its process.

import Glibc
import Synchronization

/// A server on this machine. Its address and files never change; its process comes and goes.
package final class LocalNode: Sendable {
    /// What the process is doing.
    package enum State: Sendable, Equatable {
        case running
        /// Stopped by SIGSTOP: its sockets accept, and nobody answers.
        case frozen
        /// No process: never started, killed, or ended by itself.
        case stopped
    }

    package let index: Int
    /// `node-0`, `node-1`, …
    package let name: String
    /// The IPv4 address at which it listens: 127.0.0.1 unless it has a host of its own.
    package let host: String
    /// The TCP port. No two nodes of this process have the same, whatever their hosts.
    package let port: UInt16
    /// `server_id`: 10 + index.
    package let serverID: UInt32
    /// The node's folder, which holds the data folder `data`, the socket and the log.
    package let directory: String
    package let socketPath: String
    /// What the server wrote to its standard error.
    package let logPath: String

    let dataDirectory: String
    private let commandLine: [String]
    private let watchdog: Watchdog
    private let process = Mutex(Process())

    private struct Process {
        var child: Subprocess?
        var isFrozen = false
    }

    init(
        index: Int, port: UInt16, folder: String, programs: ServerPrograms, options: LocalClusterOptions,
        watchdog: Watchdog
    ) throws(LocalClusterError) {
        self.index = index
        self.port = port
        let place = options.host(index)
        host = place.address
        self.watchdog = watchdog
        name = "node-\(index)"
        serverID = UInt32(10 + index)
        directory = "\(folder)/\(name)"
        socketPath = "\(directory)/socket"
        logPath = "\(directory)/server.log"
        dataDirectory = "\(directory)/data"
        guard socketPath.utf8.count <= LocalClusterLimits.socketPathBytes else {
            throw LocalClusterError(.misuse, "the path \(socketPath) is too long for a socket; choose a shorter folder")
        }
        try makeFolder(directory)
        try makeFolder("\(directory)/temporary")
        commandLine =
            place.launchPrefix + [programs.server]
            + ServerOptions.commandLine(
                name: name, serverID: serverID, host: host, port: port, directory: directory, options: options)
    }

    /// `host:port`, as it stands in a configuration file.
    package var address: String { "\(host):\(port)" }

    /// The server's process id while there is a process.
    package var pid: Int32? { process.withLock { reap(&$0)?.pid } }

    package var state: State {
        process.withLock { process in
            guard reap(&process) != nil else { return .stopped }
            return process.isFrozen ? .frozen : .running
        }
    }

    /// Starts the server without waiting for it. Does nothing when there is a process.
    func launch() throws(LocalClusterError) {
        try process.withLock { (process) throws(LocalClusterError) in
            guard reap(&process) == nil else { return }
            unlink(socketPath)
            let log = open(logPath, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
            if log < 0 { throw systemError("cannot open \(logPath)") }
            defer { close(log) }
            let arguments = watchdog.announced(commandLine)
            process = Process(child: try Subprocess.spawn(arguments, output: log, errors: log))
        }
    }

    /// Waits until the server greets on its socket.
    func awaitGreeting() throws(LocalClusterError) {
        let deadline = monotonicSeconds() + LocalClusterLimits.serverStartSeconds
        while !greets(socketPath) {
            let log = lastLines(ofFile: logPath)
            if state == .stopped {
                let isPortTaken = log.contains("Address already in use") || log.contains("Bind on TCP/IP port")
                throw LocalClusterError(
                    isPortTaken ? .portTaken : .server, "\(name) (port \(port)) ended while starting", logTail: log)
            }
            if monotonicSeconds() > deadline {
                throw LocalClusterError(.timeout, "\(name) (port \(port)) does not accept connections", logTail: log)
            }
            usleep(5_000)
        }
    }

    /// Ends the process with SIGKILL and waits until it is gone.
    func kill() {
        end(with: SIGKILL, seconds: .infinity)
    }

    /// Asks the server to shut down; kills it when it does not.
    func shutDown() {
        thaw()
        end(with: SIGTERM, seconds: LocalClusterLimits.serverStopSeconds)
        kill()
    }

    func freeze() { setFrozen(true) }

    func thaw() { setFrozen(false) }

    private func setFrozen(_ frozen: Bool) {
        process.withLock { process in
            let child = reap(&process)
            if frozen { child?.stop() } else { child?.signal(SIGCONT) }
            process.isFrozen = frozen && process.child != nil
        }
    }

    private func end(with signal: Int32, seconds: Double) {
        // Waits outside the lock: `state` and `kill` must answer meanwhile.
        guard let child = process.withLock({ reap(&$0) }) else { return }
        child.signal(signal)
        _ = child.wait(until: monotonicSeconds() + seconds)
        process.withLock { _ = reap(&$0) }
    }

    /// The child if it lives; forgets one that ended.
    @discardableResult
    private func reap(_ process: inout sending Process) -> Subprocess? {
        guard let child = process.child else { return nil }
        if child.ended() == nil { return child }
        watchdog.serverEnded(child.pid)
        process = Process()
        return nil
    }
}

/// Whether a server sends its greeting (not an error packet) on a Unix socket.
private func greets(_ path: String) -> Bool {
    let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    guard descriptor >= 0 else { return false }
    defer { close(descriptor) }
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    let capacity = MemoryLayout.size(ofValue: address.sun_path)
    precondition(path.utf8.count < capacity, "checked when the node was made")
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
    let connected = withUnsafePointer(to: &address) { address in
        address.withMemoryRebound(to: sockaddr.self, capacity: 1) {
            connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
        }
    }
    guard connected == 0 else { return false }
    var wait = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
    guard poll(&wait, 1, 1_000) == 1 else { return false }
    // Four bytes of packet header, then the protocol version (10) or 0xff for an error.
    var head = [UInt8](repeating: 0, count: 5)
    let count = head.withUnsafeMutableBytes { recv(descriptor, $0.baseAddress, $0.count, 0) }
    return count == 5 && head[4] == 10
}
