// The bounds of the server side, each with its reason.

/// Bounds of server connections, in the units their names say. Those an operator may want to change are in the settings.
package enum BackendLimits {
    /// An idle pooled connection is closed after this long, unless the settings say otherwise; shorter than any server's
    /// `wait_timeout` in practice.
    package static let idleMilliseconds: UInt64 = 60_000
    /// A pooled connection is not given out again when it is older than this, so that load balancers and changed
    /// credentials are followed, unless the settings say otherwise. Up to a quarter is taken off at random, so that not all go at once.
    package static let ageMilliseconds: UInt64 = 3_600_000
    /// A reset that takes longer than this loses the connection.
    package static let resetMilliseconds: UInt64 = 5_000
    /// Sent bytes may stay unacknowledged for this long before the kernel gives the connection up. Not while a command or a
    /// file is streamed: a server that waits for a lock takes nothing of it (`innodb_lock_wait_timeout` is 50 s), and the
    /// kernel would not tell it from one that is gone. The watcher does.
    package static let userTimeoutMilliseconds: UInt32 = 10_000
    /// The longest login packet taken from a server.
    package static let loginPacketBytes = 64 * 1024
    /// Plugins that a server may ask for in one login, one after the other.
    package static let authSwitches = 4
    /// Bytes of the connect attributes of one login, names and values.
    package static let attributeBytes = 4 * 1024
    /// Connections to a new primary that one lane opens ahead, for those who had some to the one before.
    package static let warmConnections = 8
    /// Connections that one lane opens ahead, of all nodes, which are not logged in yet.
    package static let openedAheadAtOnce = 8
    /// How long a lane waits after it began to open some ahead: with the bound above, how many logins a second it asks
    /// for while nobody needs them.
    package static let aheadPauseMilliseconds: UInt64 = 100
    /// A node at which opening ahead failed is left alone for this long; doubled with each failure that follows.
    package static let aheadRetryMilliseconds: UInt64 = 1_000
    /// But for no longer than this.
    package static let aheadRetryMaximumMilliseconds: UInt64 = 60_000
    /// How often the pool looks who has connections to the primary.
    package static let warmSampleMilliseconds: UInt64 = 1_000
    /// Statements that are closed one by one when a connection goes to another session; with more it is reset.
    package static let statementsClosedInPassing = 16
    /// Replies owed on one connection at once.
    package static let ledgerEntries = 64
    /// The most of them that one command of a client's may add: state, a statement to prepare, a report, and itself.
    package static let ledgerEntriesPerCommand = 16
    /// Session variables carried from connection to connection; a session with more is pinned.
    package static let imageVariables = 128
    /// Bytes of their names and values together.
    package static let imageBytes = 64 * 1024
    /// User variables carried from connection to connection; a session with more is pinned.
    package static let imageUserVariables = 32
    /// Bytes of their names and of the expressions that make them.
    package static let imageUserVariableBytes = 16 * 1024
    /// Bytes of what `SET ROLE` said, carried from connection to connection; a session with more is pinned.
    package static let imageRoleBytes = 1_024
    /// Bytes of the answer to a question for user variables: each value twice, once in hexadecimal digits.
    package static let userVariableAnswerBytes = 64 * 1024
    /// Bytes of the answer to a question of the proxy's own: a count, one definition, one number or position.
    package static let answerBytes = 16 * 1_024
    /// Statements that one connection keeps prepared; with more, the one not used for longest is closed, and prepared
    /// again when it is executed.
    package static let statementsPerConnection = 1_024
}
