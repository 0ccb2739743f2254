// Why a quickstart ends before its time.
internal import LocalCluster

/// Why the run cannot go on.
package enum QuickstartError: Error, Sendable, Equatable, CustomStringConvertible {
    /// Somebody asked for the end.
    case interrupted
    /// There is no server program; the text names what was looked for.
    case serverMissing(String)
    /// A step failed; the text says which and why.
    case failed(String)

    /// What the operator reads, with the next step where there is one.
    package var description: String {
        switch self {
        case .interrupted: "interrupted"
        case .serverMissing(let what):
            """
            the quickstart runs real servers, and no MariaDB server was found on this machine: \(what)
            On Debian and Ubuntu:  apt-get update && apt-get install -y mariadb-server
            """
        case .failed(let text): text
        }
    }

    /// The same failure in the quickstart's words.
    init(_ error: LocalClusterError) {
        self = error.kind == .missingProgram ? .serverMissing(error.message) : .failed("\(error)")
    }
}
