// A client session that stays open between statements, for locks that live as long as their session.

import Glibc

/// A command-line client that is fed one statement at a time. When it is released, its process ends, and with it the
/// server's session and that session's locks.
final class HeldSession {
    private let node: LocalNode
    private let pipe: NamedPipe
    private let output: ScratchFile
    private let errors: ScratchFile
    private let child: Subprocess
    /// Bytes of the output that earlier statements produced.
    private var consumed = 0

    init(_ client: ServerClient, on node: LocalNode) throws(LocalClusterError) {
        try client.requireRunning(node)
        self.node = node
        pipe = try NamedPipe(path: "\(client.scratch)/session-\(uniqueNumber())")
        unlink(pipe.path)
        output = try ScratchFile(in: client.scratch)
        errors = try ScratchFile(in: client.scratch)
        child = try Subprocess.spawn(
            client.arguments(for: node), input: pipe.readEnd, output: output.descriptor, errors: errors.descriptor)
    }

    /// Runs `sql` (without a final semicolon) and waits for its rows.
    @discardableResult
    func run(
        _ sql: String, seconds: Double = LocalClusterLimits.statementSeconds
    ) throws(LocalClusterError) -> [ResultRow] {
        let mark = "end-of-statement-\(uniqueNumber())"
        pipe.send("\(sql);\nSELECT '\(mark)' AS mark;\n")
        let deadline = monotonicSeconds() + seconds
        while true {
            let rows = ResultRows.parse(output.bytes(from: consumed))
            if let last = rows.last, last["mark"] == mark {
                consumed += output.bytes(from: consumed).count
                return Array(rows.dropLast())
            }
            if child.ended() != nil {
                throw LocalClusterError(.statement, "\(node.name): \(errors.tail())\nin: \(sql)")
            }
            if monotonicSeconds() > deadline {
                let log = lastLines(ofFile: node.logPath)
                throw LocalClusterError(.timeout, "\(node.name) did not finish in time: \(sql)", logTail: log)
            }
            usleep(1_000)
        }
    }
}
