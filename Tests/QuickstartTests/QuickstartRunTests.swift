// The real command, from its first line to the moment when nothing of it is left.

import Foundation
import Glibc
import Testing

@Suite(.serialized) struct QuickstartRunTests {
    @Test func `a run promotes under load, loses nothing, and leaves nothing behind`() throws {
        let run = try QuickstartProcess(["--seconds", "13"])
        let (status, text) = run.end()
        #expect(status == 0, "\(text)")

        let nodes = text.matches(of: #/node-\d  127\.0\.0\.1:\d+ +([\d,]+) +([\d,]+)   (primary|replica)/#)
        #expect(nodes.map { String($0.output.3) } == ["replica", "primary", "replica"])
        #expect(nodes.allSatisfy { $0.output.1 != "0" }, "each node was read from")
        #expect(nodes.prefix(2).allSatisfy { $0.output.2 != "0" }, "both primaries were written to")
        #expect(text.contains(#/errors +(none|\d+, all made good by trying again)/#))
        #expect(text.contains(#/longest pause +reads .*writes /#))
        #expect(text.contains(#/answers +[\d,]+ checked, 0 wrong/#))
        #expect(text.contains(#/orders +[\d,]+ acknowledged, every one of them on all nodes/#))
        #expect(text.contains(#/primary_changed +node-1/#))
        #expect(text.contains("All is well."))
        #expect(text.contains(#/mariadb -h 127\.0\.0\.1 -P \d+ -u app/#))
        #expect(text.contains(#/http:\/\/127\.0\.0\.1:\d+\/ \(user admin/#))
        #expect(text.matches(of: #/queries\/s/#).count >= 3)
        #expect(!text.contains("\u{1b}"), "escape codes are for terminals")
        try run.expectNothingLeft()
    }

    @Test func `an interruption under load ends everything`() throws {
        let run = try QuickstartProcess([])
        try run.waitForLine(containing: "queries/s │")
        run.interrupt()
        let (status, text) = run.end()
        #expect(status == 130, "\(text)")
        #expect(!text.contains("Summary"))
        try run.expectNothingLeft()
    }

    @Test func `a senseless time is refused`() throws {
        for seconds in ["0", "-1", "x", "86401"] {
            let run = try QuickstartProcess(["--seconds=\(seconds)"])
            #expect(run.end().status == 64)
        }
    }
}

/// The built binary as a child process, in a temporary folder of its own.
private final class QuickstartProcess {
    enum Failure: Error { case ended(String) }

    private let process = Process()
    private let output = Pipe()
    private let folder: URL
    private var text = ""

    init(_ arguments: [String]) throws {
        // A prefix that marks this test's servers, short enough for their sockets' paths.
        folder = URL(fileURLWithPath: NSTemporaryDirectory()).appendingPathComponent(
            "qs-\(UUID().uuidString.prefix(8))")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let bundle = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        process.executableURL = URL(fileURLWithPath: bundle).deletingLastPathComponent()
            .appendingPathComponent("switchyard")
        process.arguments = ["quickstart"] + arguments
        process.environment = ProcessInfo.processInfo.environment.merging(["TMPDIR": folder.path]) { $1 }
        process.standardOutput = output
        process.standardError = output
        try process.run()
    }

    deinit {
        // The servers' watchdog cleans up after a process that is killed.
        if process.isRunning { kill(process.processIdentifier, SIGKILL) }
        process.waitUntilExit()
        try? FileManager.default.removeItem(at: folder)
    }

    func interrupt() { process.interrupt() }

    func waitForLine(containing part: String) throws {
        while !text.contains(part) {
            let more = output.fileHandleForReading.availableData
            if more.isEmpty { throw Failure.ended(text) }
            text += String(decoding: more, as: UTF8.self)
        }
    }

    func end() -> (status: Int32, text: String) {
        text += String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        return (process.terminationStatus, text)
    }

    /// No file but the template that the next cluster will copy, and no process that names the folder.
    func expectNothingLeft() throws {
        let files = try FileManager.default.contentsOfDirectory(atPath: folder.path)
        #expect(files.filter { !$0.hasPrefix("switchyard-template-") } == [])
        let processes = try FileManager.default.contentsOfDirectory(atPath: "/proc").filter { Int($0) != nil }
        for process in processes {
            let line = (try? String(contentsOfFile: "/proc/\(process)/cmdline", encoding: .utf8)) ?? ""
            #expect(!line.contains(folder.path), "process \(process) is left")
        }
    }
}
