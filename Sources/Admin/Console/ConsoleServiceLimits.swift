// The bounds of the console as a service, each with its reason; what one statement may cost is in `ConsoleLimits`.

/// Bounds of console clients and of what they make the process hold, in the units their names say.
package enum ConsoleServiceLimits {
    /// Clients of the console at once: what its `@@max_connections` says. They do not count as clients of the proxy.
    package static let clients = 100
    /// Statements that are running or waiting for the one queue that runs them, of all clients.
    static let waitingStatements = 64
    /// The longest command taken from a client.
    static let packetBytes = ConsoleLimits().statementBytesMaximum
    /// Answers that wait for slow clients to read them, of all clients together.
    static let heldAnswerBytes = 256 << 20
    /// A part of an answer given to the socket at once.
    static let sliceBytes = 128 << 10
    /// A lane writes this much of an answer and then looks after its other clients.
    static let bytesPerTurn = 1 << 20
    /// A client that sends nothing for this long is closed: what the console's `@@wait_timeout` says.
    static let idleMilliseconds: UInt64 = 28_800_000
    /// A client that takes no byte of its answer for this long is closed.
    static let stalledMilliseconds: UInt64 = 60_000
    /// Bytes of a statement quoted in `EXPLAIN ROUTE`.
    static let quotedBytes = 80
}
