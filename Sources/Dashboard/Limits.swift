// The bounds of the HTTP endpoint, each with its reason.

/// Bounds of HTTP clients and of what they make the process hold, in the units their names say.
package enum HTTPLimits {
    /// Clients at once: some dashboards, a few scrapers, and probes. When there are as many, one who waits for no answer
    /// gives way to the next.
    package static let connections = 64
    /// Clients that were accepted while the lane had no time for them: their descriptors are the whole process's.
    static let arriving = 256
    /// Of the clients at once, so many may follow the events: others must get through.
    static let eventClients = 32
    /// The request line with all headers; what browsers and proxies send is a tenth of it.
    static let headBytes = 16 << 10
    /// Headers of one request.
    static let headers = 100
    /// The body of a request: a statement of the console.
    static let bodyBytes = 64 << 10
    /// From the first byte of a request to its last, and from the connection to the first request.
    static let requestMilliseconds: UInt64 = 10_000
    /// Between two requests of one connection.
    static let idleMilliseconds: UInt64 = 75_000
    /// How long an answer may take to be made: what waits for the console's queue takes a few seconds at worst.
    static let answerMilliseconds: UInt64 = 30_000
    /// A client that takes no byte of its answer for this long is closed.
    static let stalledMilliseconds: UInt64 = 30_000
    /// How often it is looked whether the last bytes of an answer have left.
    static let flushLookMilliseconds: UInt64 = 200
    /// A part of an answer given to the socket at once.
    static let sliceBytes = 64 << 10
    /// One answer.
    static let answerBytes = 32 << 20
    /// Answers that wait for slow clients to read them, of all clients together.
    static let heldAnswerBytes = 64 << 20
    /// Rows of one answer when the request does not say.
    static let rowsDefault = 1_000
    /// Rows of one answer at most: what a lane can have of sessions without being slowed by the copy.
    static let rowsMaximum = 10_000
    /// From tick to tick of the events.
    static let tickMilliseconds = 1_000
    /// After this a browser connects again when the events end.
    static let reconnectMilliseconds = 2_000
    /// Routing events sent with one tick, of one cluster: it keeps a thousand.
    static let eventsPerTick = 1_000
}
