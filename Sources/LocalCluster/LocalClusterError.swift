// What went wrong while real servers were started, steered or stopped.

/// A failure of the local cluster: what was attempted, what came of it, and the end of the server's log if one helps.
package struct LocalClusterError: Error, Sendable, CustomStringConvertible {
    /// The kind of failure, for callers that react differently.
    package enum Kind: Sendable, Equatable {
        /// A server or client program is not installed where we look.
        case missingProgram
        /// A system call on files, pipes or processes failed.
        case system
        /// A server did not start, or ended when it should not.
        case server
        /// The port meant for a server was taken by somebody else before the server could have it.
        case portTaken
        /// A node refused a statement, or the client program could not reach the node.
        case statement
        /// Something did not happen within its time.
        case timeout
        /// The request makes no sense in the present state: a stopped node, an index out of range.
        case misuse
    }

    package let kind: Kind
    /// One sentence: what was attempted and what came of it.
    package let message: String
    /// The last lines of the log of the server concerned, or empty.
    package let logTail: String

    init(_ kind: Kind, _ message: String, logTail: String = "") {
        self.kind = kind
        self.message = message
        self.logTail = logTail
    }

    package var description: String {
        logTail.isEmpty ? message : "\(message)\nLast lines of the server's log:\n\(logTail)"
    }
}
