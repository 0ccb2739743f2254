// The bounds of the command line's client, each with its reason.

/// Bounds of what commands wait for and hold, in the units their names say.
package enum CommandLineLimits {
    /// How long connecting, and each statement, may take unless `--timeout` says otherwise: the console itself ends a
    /// statement after 5 s.
    package static let timeoutSeconds = 10
    /// What `--timeout` may say.
    package static let timeoutSecondsRange = 1...3_600
    /// Bytes of values of one result: four times what the console lets one have.
    static let resultBytes = 256 << 20
    /// Statement text from standard input; the console takes 64 KiB of each statement.
    package static let inputBytes = 16 << 20
    /// A password file that is larger is a mistake in the path.
    static let passwordFileBytes = 4_096
    /// Routing events and errors that `status` shows.
    package static let statusRows = 5
    /// What `--interval` of `top` may say.
    package static let intervalSecondsRange = 1...3_600
    /// What `--iterations` of `top` may say.
    package static let iterationsRange = 1...1_000_000
    /// One frame of `top` waits no longer for its figures than this, so that keys are answered.
    static let frameMilliseconds: Int64 = 3_000
    /// Rows asked for one part of a frame: more than any screen shows.
    static let frameRows = 200
    /// The size assumed when a terminal does not tell, and the smallest one that is drawn for.
    static let columnsUsual = 80
    static let linesUsual = 24
    static let columnsMinimum = 40
    static let linesMinimum = 10
}
