// What a caller may choose about a quickstart, and the times and sizes that are fixed.

/// The choices of one run.
package struct QuickstartOptions: Sendable {
    /// The longest whole run that can be asked for: a day.
    package static let secondsMaximum = 86_400

    /// The time the whole run may take, start and end of the servers included; nil: until Ctrl-C.
    package var seconds: Int?
    /// The first port tried for clients; if it is taken, the next free one is used.
    package var clientPort: UInt16
    /// The first port tried for the console.
    package var consolePort: UInt16
    /// The first port tried for the dashboard.
    package var httpPort: UInt16

    /// A run until Ctrl-C on the usual ports.
    package init(seconds: Int? = nil, clientPort: UInt16 = 6306, consolePort: UInt16 = 6307, httpPort: UInt16 = 6308) {
        self.seconds = seconds
        self.clientPort = clientPort
        self.consolePort = consolePort
        self.httpPort = httpPort
    }
}

/// Times in seconds, and sizes.
enum QuickstartLimits {
    /// The workload, when there is time for it.
    static let workloadSeconds = 10.0
    /// The workload, however little time there is: below this a summary says nothing.
    static let workloadSecondsMinimum = 2.0
    /// What is kept of `--seconds` for the summary and for ending the servers.
    static let closingSeconds = 1.0
    /// The workload goes on for this long after the promotion, to show that it works.
    static let afterPromotionSeconds = 1.0
    /// For the proxy to find the primary and both replicas.
    static let discoverySeconds = 30.0
    /// For the first login, which needs the accounts that the proxy mirrors from the primary.
    static let loginSeconds = 15.0
    /// How long an operation is tried again before it counts as failed.
    static let patienceSeconds = 20.0
    /// The client library waits this long for an answer: longer than the proxy holds a statement (`hold_timeout`).
    static let answerSeconds: UInt32 = 15
    static let connectSeconds: UInt32 = 5
    /// For the last operations and a promotion under way to end.
    static let joinSeconds = 30.0
    static let readers = 4
    static let writers = 2
    /// How many ports after the wanted one are tried.
    static let portAttempts: UInt16 = 100
    /// Error numbers told apart in the summary.
    static let errorCodes = 32
    /// What is kept of an error's text, in characters.
    static let errorCharacters = 160
    /// What is shown of an event, in characters; the log has all of it.
    static let eventCharacters = 110
}
