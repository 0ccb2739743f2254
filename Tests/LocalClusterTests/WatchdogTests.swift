// What is left of a cluster whose process was killed: nothing.

import Glibc
import Testing

@testable import LocalCluster

@Suite struct WatchdogTests {
    @Test func `servers and files go when the process that started them is killed`() async throws {
        let parent = try makeUniqueFolder("\(temporaryFolder())/switchyard-test-")
        defer { removeFolder(parent) }
        let notes = "\(parent)/pids"
        await #expect(processExitsWith: .signal(SIGKILL)) { [parent = parent as String, notes = notes as String] in
            let cluster = try LocalCluster.start(.init(replicas: 1, directory: parent))
            // A frozen server must go as well.
            cluster.freeze(1)
            let file = open(notes, O_WRONLY | O_CREAT, 0o600)
            let pids = cluster.nodes.compactMap { $0.pid.map { "\($0)" } }.joined(separator: " ")
            _ = pids.withCString { write(file, $0, strlen($0)) }
            kill(getpid(), SIGKILL)
        }
        let pids = lastLines(ofFile: notes).split(separator: " ").compactMap { pid_t($0) }
        try #require(pids.count == 2)
        unlink(notes)

        // The watchdog works beside us; it has done when the parent folder is empty.
        let deadline = monotonicSeconds() + 30
        while rmdir(parent) != 0 {
            try #require(monotonicSeconds() < deadline, "the cluster's folder is still there")
            usleep(10_000)
        }
        for pid in pids { #expect(!commandLine(of: pid).contains(parent), "server \(pid) still runs") }
    }

    /// The arguments of a process, empty when there is none or it is a zombie (not every init reaps).
    private func commandLine(of pid: pid_t) -> String {
        let file = open("/proc/\(pid)/cmdline", O_RDONLY)
        guard file >= 0 else { return "" }
        defer { close(file) }
        var bytes = [UInt8](repeating: 0, count: 4096)
        let count = read(file, &bytes, bytes.count)
        return String(decoding: bytes.prefix(max(0, count)), as: UTF8.self)
    }
}
