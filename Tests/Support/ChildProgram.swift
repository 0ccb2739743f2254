// A program that runs beside the tests, with its output in a file, and that does not outlive them.

import Foundation
import Synchronization

/// A running program.
package final class ChildProgram: @unchecked Sendable {  // `process` is set up before it is shared and then only asked
    private let process = Process()
    private let folder: ScratchFolder
    private let guardian = Process()
    private let guardianInput = Pipe()

    /// How a program ended.
    package struct End: Equatable, Sendable {
        /// The exit status; nil when a signal ended it.
        package let status: Int32?
        package let signal: Int32?

        /// An exit by itself.
        package static func exit(_ status: Int32) -> End { End(status: status, signal: nil) }
        /// An end by a signal.
        package static func killed(by signal: Int32) -> End { End(status: nil, signal: signal) }
    }

    /// Starts `path`. Standard output and error go to one file.
    ///
    /// Its files are in `folder`, which goes with it.
    package init(
        _ path: String, _ arguments: [String], environment: [String: String] = [:], input: String? = nil,
        folder given: ScratchFolder? = nil
    ) throws {
        folder = try given ?? ScratchFolder()
        // Appending, so that two descriptors of one file do not overwrite each other.
        let descriptor = open("\(folder.path)/output", O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
        let output = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
        process.executableURL = URL(fileURLWithPath: path)
        process.arguments = arguments
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        process.standardOutput = output
        process.standardError = output
        if let input {
            try folder.write("input", input)
            process.standardInput = FileHandle(forReadingAtPath: "\(folder.path)/input")
        } else {
            process.standardInput = FileHandle.nullDevice
        }
        try process.run()
        try guardAgainstOwnDeath()
    }

    /// A shell that waits for the end of this process: when its pipe closes, it ends the program and removes
    /// the folder.
    private func guardAgainstOwnDeath() throws {
        _ = fcntl(guardianInput.fileHandleForWriting.fileDescriptor, F_SETFD, FD_CLOEXEC)
        guardian.executableURL = URL(fileURLWithPath: "/bin/sh")
        guardian.arguments = [
            "-c", "trap '' INT TERM; read line; kill -9 \"$1\" 2>/dev/null; rm -rf \"$2\"", "guardian", "\(pid)",
            folder.path,
        ]
        guardian.standardInput = guardianInput
        guardian.standardOutput = FileHandle.nullDevice
        guardian.standardError = FileHandle.nullDevice
        try guardian.run()
    }

    deinit { kill() }

    package var pid: Int32 { process.processIdentifier }
    package var isRunning: Bool { process.isRunning }
    /// Everything it has written.
    package var output: String { folder.read("output") }

    package func signal(_ number: Int32) {
        if process.isRunning { _ = Foundation.kill(pid, number) }
    }

    /// Waits for its end; nil when it still runs after `seconds`.
    package func waitForEnd(seconds: Double) -> End? {
        let deadline = monotonicSeconds() + seconds
        while process.isRunning {
            if monotonicSeconds() > deadline { return nil }
            usleep(5_000)
        }
        let status = process.terminationStatus
        return process.terminationReason == .exit
            ? End(status: status, signal: nil) : End(status: nil, signal: status)
    }

    /// Ends it in whatever state it is, and removes its folder.
    package func kill() {
        if process.isRunning {
            // A stopped process is ended by SIGKILL too.
            _ = Foundation.kill(pid, SIGKILL)
            _ = waitForEnd(seconds: 10)
        }
        if guardian.isRunning { _ = Foundation.kill(guardian.processIdentifier, SIGKILL) }
        folder.remove()
    }

    /// Runs a program to its end and gives its status and output.
    package static func run(
        _ path: String, _ arguments: [String], environment: [String: String] = [:], input: String? = nil,
        seconds: Double = 60
    ) throws -> (end: End, output: String) {
        let program = try ChildProgram(path, arguments, environment: environment, input: input)
        defer { program.kill() }
        guard let end = program.waitForEnd(seconds: seconds) else {
            throw NeverHappened(description: "\(path) did not end within \(seconds) s: \(program.output)")
        }
        return (end, program.output)
    }

    /// The path of a program in the usual folders; nil when it is not installed.
    package static func find(_ name: String) -> String? {
        let path = ProcessInfo.processInfo.environment["PATH"] ?? ""
        let folders = ["/usr/bin", "/usr/local/bin", "/bin", "/usr/sbin"] + path.split(separator: ":").map(String.init)
        return folders.map { "\($0)/\(name)" }.first { access($0, X_OK) == 0 }
    }
}
