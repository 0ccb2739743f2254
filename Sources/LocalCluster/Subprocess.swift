// One child process in a session of its own, started with posix_spawn and reaped by nobody but us.

import Glibc
import Synchronization

/// A child process. It gets neither our terminal's signals nor our signal mask, and three descriptors.
final class Subprocess: Sendable {
    let pid: pid_t
    /// The raw wait status, once reaped. Signals are sent under this lock, so never to a number that was given away.
    private let status = Mutex<Int32?>(nil)

    private init(pid: pid_t) {
        self.pid = pid
    }

    /// A child that nobody waits for any more must not stay, not even as a zombie.
    deinit {
        signal(SIGKILL)
        _ = wait(until: .infinity)
    }

    /// Starts `arguments[0]` (an absolute path). Descriptors that are nil become `/dev/null`.
    static func spawn(
        _ arguments: [String], input: Int32? = nil, output: Int32? = nil, errors: Int32? = nil
    ) throws(LocalClusterError) -> Subprocess {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        for (descriptor, target) in [(input, Int32(0)), (output, 1), (errors, 2)] {
            if let descriptor {
                posix_spawn_file_actions_adddup2(&actions, descriptor, target)
            } else {
                posix_spawn_file_actions_addopen(&actions, target, "/dev/null", O_RDWR, 0)
            }
        }
        // Whatever else this process has open is none of the child's business; pipes kept open would keep others waiting.
        for descriptor in openDescriptors() where descriptor > 2 {
            posix_spawn_file_actions_addclose(&actions, descriptor)
        }
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var signals = sigset_t()
        sigemptyset(&signals)
        posix_spawnattr_setsigmask(&attributes, &signals)
        sigfillset(&signals)
        posix_spawnattr_setsigdefault(&attributes, &signals)
        // POSIX_SPAWN_SETSID is 0x80 in glibc's spawn.h; without feature macros the importer may not see it.
        let ownSession: Int16 = 0x80
        posix_spawnattr_setflags(
            &attributes, Int16(POSIX_SPAWN_SETSIGMASK) | Int16(POSIX_SPAWN_SETSIGDEF) | ownSession)

        var pid: pid_t = 0
        let failure = withCStrings(arguments) { argv in
            withCStrings(environment()) { envp in
                posix_spawn(&pid, arguments[0], &actions, &attributes, argv, envp)
            }
        }
        guard failure == 0 else {
            throw LocalClusterError(.system, "cannot start \(arguments[0]): \(String(cString: strerror(failure)))")
        }
        return Subprocess(pid: pid)
    }

    /// Starts a program, waits for its end, and gives what it wrote. Throws unless it exits with 0.
    @discardableResult
    static func run(_ arguments: [String], in folder: String, seconds: Double) throws(LocalClusterError) -> String {
        let transcript = try ScratchFile(in: folder)
        let child = try spawn(arguments, output: transcript.descriptor, errors: transcript.descriptor)
        try child.waitForSuccess(of: arguments[0], seconds: seconds, transcript: transcript)
        return transcript.text()
    }

    /// Waits for exit status 0 until `seconds` are over; ends the child and throws otherwise.
    func waitForSuccess(of name: String, seconds: Double, transcript: ScratchFile) throws(LocalClusterError) {
        guard let status = wait(until: monotonicSeconds() + seconds) else {
            signal(SIGKILL)
            _ = wait(until: .infinity)
            throw LocalClusterError(.timeout, "\(name) did not end within \(seconds) s: \(transcript.tail())")
        }
        if status != 0 {
            throw LocalClusterError(.system, "\(name) \(Subprocess.describe(status: status)): \(transcript.tail())")
        }
    }

    /// The raw wait status if the child has ended, without waiting.
    func ended() -> Int32? {
        status.withLock { status in
            if status == nil {
                var raw: Int32 = 0
                let result = waitpid(pid, &raw, WNOHANG)
                // ECHILD: somebody else's wait(-1) took it; gone all the same.
                if result == pid { status = raw } else if result < 0, errno == ECHILD { status = 0 }
            }
            return status
        }
    }

    /// Waits for the end until the monotonic time `deadline`; nil when the child still lives.
    func wait(until deadline: Double) -> Int32? {
        var pause: useconds_t = 500
        while true {
            if let status = ended() { return status }
            if monotonicSeconds() >= deadline { return nil }
            usleep(pause)
            pause = min(pause * 2, 10_000)
        }
    }

    /// Sends a signal, unless the child is known to have ended.
    func signal(_ number: Int32) {
        status.withLock { status in
            if status == nil { _ = kill(pid, number) }
        }
    }

    /// Stops the child and returns when all its threads stand still (or it has ended): a signal only begins that.
    func stop() {
        status.withLock { status in
            guard status == nil, kill(pid, SIGSTOP) == 0 else { return }
            var information = siginfo_t()
            while waitid(P_PID, id_t(pid), &information, WSTOPPED | WEXITED | WNOWAIT) != 0, errno == EINTR {}
        }
    }

    static func describe(status: Int32) -> String {
        let signal = status & 0x7f
        return signal == 0 ? "ended with status \((status >> 8) & 0xff)" : "was ended by signal \(signal)"
    }

    /// A small, fixed environment: settings of the developer's shell must not steer servers under test.
    private static func environment() -> [String] {
        ["PATH=\(ServerPrograms.searchPath().joined(separator: ":"))", "LANG=C", "LC_ALL=C", "HOME=/nonexistent"]
    }
}

/// The descriptors this process has open. One that is gone when the child wants to close it does no harm.
private func openDescriptors() -> [Int32] {
    guard let folder = opendir("/proc/self/fd") else { return [] }
    defer { closedir(folder) }
    var descriptors: [Int32] = []
    while let entry = readdir(folder) {
        let name = withUnsafePointer(to: &entry.pointee.d_name) { name in
            name.withMemoryRebound(to: CChar.self, capacity: 1) { String(cString: $0) }
        }
        if let descriptor = Int32(name) { descriptors.append(descriptor) }
    }
    return descriptors
}

/// Calls `body` with a null-terminated array of C strings.
private func withCStrings<R>(
    _ strings: [String], _ body: (UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>) -> R
) -> R {
    let pointers = UnsafeMutableBufferPointer<UnsafeMutablePointer<CChar>?>.allocate(capacity: strings.count + 1)
    for (index, string) in strings.enumerated() { pointers.initializeElement(at: index, to: strdup(string)) }
    pointers.initializeElement(at: strings.count, to: nil)
    defer {
        for pointer in pointers { free(pointer) }
        pointers.deallocate()
    }
    guard let base = pointers.baseAddress else { preconditionFailure("an allocated buffer has an address") }
    return body(base)
}

/// Seconds of the monotonic clock.
func monotonicSeconds() -> Double {
    var now = timespec()
    clock_gettime(CLOCK_MONOTONIC, &now)
    return Double(now.tv_sec) + Double(now.tv_nsec) / 1e9
}
