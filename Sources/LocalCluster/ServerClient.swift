// Runs statements on a node through the command-line client: as root, over the socket, one process per run.

import Glibc

/// The command-line client and the folder for its scratch files.
struct ServerClient: Sendable {
    let programs: ServerPrograms
    let scratch: String

    /// Runs `sql` (one or several statements) and gives the rows of all its result sets.
    @discardableResult
    func run(
        _ sql: String, on node: LocalNode, seconds: Double = LocalClusterLimits.statementSeconds
    ) throws(LocalClusterError) -> [ResultRow] {
        try begin(sql, on: node, seconds: seconds).rows()
    }

    /// Starts to run `sql`; several nodes can be at work before the first is awaited.
    func begin(
        _ sql: String, on node: LocalNode, seconds: Double = LocalClusterLimits.statementSeconds
    ) throws(LocalClusterError) -> ClientRun {
        try requireRunning(node)
        let input = try ScratchFile(in: scratch, holding: sql)
        let output = try ScratchFile(in: scratch)
        let errors = try ScratchFile(in: scratch)
        let child = try Subprocess.spawn(
            arguments(for: node), input: input.descriptor, output: output.descriptor, errors: errors.descriptor)
        return ClientRun(
            node: node, sql: sql, child: child, output: output, errors: errors, deadline: monotonicSeconds() + seconds)
    }

    /// The client's command line. In binary mode a backslash or a carriage return in a statement is only that.
    func arguments(for node: LocalNode, extra: [String] = []) -> [String] {
        [
            programs.client, "--no-defaults", "--protocol=socket", "--socket=\(node.socketPath)", "--user=root",
            "--default-character-set=utf8mb4", "--connect-timeout=10", "--max-allowed-packet=1G", "--batch", "--xml",
            "--binary-mode", "--unbuffered",
        ] + extra
    }

    func requireRunning(_ node: LocalNode) throws(LocalClusterError) {
        if node.state != .running {
            throw LocalClusterError(.misuse, "\(node.name) is \(node.state)", logTail: lastLines(ofFile: node.logPath))
        }
    }
}

/// A client process at work.
struct ClientRun {
    let node: LocalNode
    let sql: String
    let child: Subprocess
    let output: ScratchFile
    let errors: ScratchFile
    /// Monotonic time.
    let deadline: Double

    /// Waits for the end and gives the rows, or the error that the node gave.
    @discardableResult
    func rows() throws(LocalClusterError) -> [ResultRow] {
        guard let status = child.wait(until: deadline) else {
            child.signal(SIGKILL)
            _ = child.wait(until: .infinity)
            throw LocalClusterError(.timeout, "\(node.name) did not finish in time: \(sql)", logTail: log)
        }
        guard status == 0 else {
            let said = errors.tail()
            let cause = said.isEmpty ? "the client \(Subprocess.describe(status: status))" : said
            throw LocalClusterError(.statement, "\(node.name): \(cause)\nin: \(sql)", logTail: log)
        }
        return ResultRows.parse(output.bytes())
    }

    private var log: String { lastLines(ofFile: node.logPath) }
}
