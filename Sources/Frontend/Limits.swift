// The bounds of the client side, each with its reason. Those an operator may want to change are in the settings.

/// Bounds of client connections and their sessions, in the units their names say.
package enum FrontendLimits {
    /// The longest login packet taken from a client: names, a token and connect attributes.
    package static let loginPacketBytes = 128 * 1024
    /// The longest clear password taken from a client.
    package static let passwordBytes = 512
    /// Passwords of mirrored accounts kept after they were proved, of one cluster.
    package static let cachedPasswords = 10_000
    /// Addresses of failed logins remembered at once.
    package static let throttledAddresses = 65_536
    /// Users whose failed logins are told apart at one address.
    package static let throttledUsers = 16
    /// Threads for the slow parts of logins, of the whole process.
    package static let loginWorkers = 2
    /// Logins that wait for them at once.
    package static let waitingLoginWorks = 1_000
    /// Of those, from one address (of IPv6, one /64): others have room whatever it does.
    package static let waitingLoginWorksPerAddress = 500
    /// Commands up to this long are collected and read as a whole; longer ones stream to the primary unread.
    package static let collectedCommandBytes = 1024 * 1024
    /// A session keeps a request buffer up to this size between commands.
    package static let keptRequestBytes = 1024
    /// Nodes tried for one statement.
    package static let attempts = 4
    /// Statements prepared by one session at once (the server has its own limit for all).
    package static let preparedStatements = 16_384
    /// Bytes of their texts, which are kept so that they can be prepared on other connections.
    package static let preparedStatementBytes = 16 * 1024 * 1024
    /// Statements prepared by name (`PREPARE p FROM …`) that one session carries from connection to connection; with more
    /// it keeps its main connection.
    package static let textStatements = 256
    /// Bytes of their texts.
    package static let textStatementBytes = 1024 * 1024
    /// A session keeps the connection that has its last warnings, errors and row counts for this long although others wait
    /// for it.
    package static let keptDiagnosticsMilliseconds: UInt64 = 1_000
    /// A schema that a server has just accepted for an account is not asked about again at login for this long.
    package static let knownSchemaMilliseconds: UInt64 = 30_000
    /// Pairs of account and schema remembered by one lane.
    package static let knownSchemas = 4_096
    /// Lanes leave a connection's place to each other when another's first in line waits longer by this.
    package static let laneTurnMilliseconds: UInt64 = 20
    /// And by this share of its wait.
    package static let laneTurnShare: UInt64 = 8
    /// Who waits for longer than this for a connection is not passed over any more by those whom an idle one fits.
    package static let passedOverMilliseconds: UInt64 = 100
    /// How often, in milliseconds, those in line are routed anew: what they wait for may have become another limit.
    package static let queueRoutingMilliseconds: UInt64 = 1_000
    /// Bytes of the statements of one cluster that wait, for a primary, for a connection or for another attempt.
    package static let waitingBytes = 256 * 1024 * 1024
    /// Waiting statements that are asked whether a connection fits them, the first in line first.
    package static let waitersAskedAtOnce = 64
    /// A client that takes no byte of its result for this long is given up.
    package static let stalledMilliseconds: UInt64 = 600_000
    /// A client that began a command, and has not sent it by then, is closed. Of a long one this is about its beginning.
    package static let incompleteMilliseconds: UInt64 = 60_000
    /// Sessions look about this often whether the node that owes them a reply is still there.
    package static let frozenCheckMilliseconds: UInt64 = 1_000
    /// Statements that one lane ends on servers at once, each over a connection of its own.
    package static let killsAtOnce = 32
    /// Connections to a node above its limit, for KILL: it must be possible when all others are busy.
    package static let killConnections = 4
    /// A KILL that takes longer than this on its server is given up.
    package static let killMilliseconds: UInt64 = 5_000
    /// A statement that took too long and still runs although its server was told to end it is ended once more after this.
    package static let timeoutKillAgainMilliseconds: UInt64 = 1_000
    /// The longest reply taken from a server to a question of the proxy's own.
    package static let ownReplyBytes = 256 * 1024
    /// A replica that is asked to wait for a position, and does not even say that the time is over, is given up this long
    /// after it.
    package static let causalGraceMilliseconds: UInt64 = 100
    /// A lag that probes tell is believed from here on; a smaller one may be the distance between two probes.
    package static let certainLagMilliseconds = 1_000
    /// What can be read on a server is in its position after this long at most.
    package static let positionVisibilityMilliseconds: UInt64 = 50
    /// The longest time that a session may let its reads wait for a replica.
    package static let causalTimeoutMilliseconds = 60_000
    /// Bytes of all that a client lets its reads wait for, as one position: each wait carries it.
    package static let awaitedPositionBytes = 4_096
    /// Positions of more sources than this are not waited for: each wait carries the whole text.
    package static let waitedSources = 32
    /// Bytes of statements that one lane keeps of open transactions of one cluster, to repeat them if need be; those
    /// that find no room are not repeated.
    package static let journalBytes = 64 * 1024 * 1024
    /// Journals kept for the next transactions of a lane, and bytes of storage of each of their two parts.
    package static let spareJournals = 256
    package static let keptJournalBytes = 8 * 1024
    /// What is kept of a result that the client has in part, kept for the next ones of a lane: less than a kilobyte each.
    package static let sparePartialResults = 64
    /// A statement whose server is lost while it runs there is sent again so often, in a transaction that is repeated.
    package static let interruptionsOfOneStatement = 1
    /// After a change of the primary, what begins waits this long at most for interrupted transactions.
    package static let replaysFirstMilliseconds: UInt64 = 200
    /// A node that refused a write for being read-only is asked again, where no newer table says otherwise, after this.
    package static let refusedAgainMilliseconds: UInt64 = 250
    /// Bytes of a statement in SHOW PROCESSLIST without FULL, as servers have it.
    package static let processlistInfoBytes = 100
    /// Commits in doubt that are kept of one cluster.
    package static let outcomes = 1_000
    /// Bytes of the statement of such a one.
    package static let outcomeStatementBytes = 256
    /// Reigns whose commits are kept count of, to judge those in doubt.
    package static let ledgerReigns = 4
    /// Ranges of numbers kept of one reign; with more, others write too, and single ones prove nothing.
    package static let ledgerRanges = 1_024
    /// Commits in doubt kept of one reign.
    package static let ledgerDoubts = 4_096
    /// Commits acknowledged in a reign after which another writer would have shown: what is sent later, and is not
    /// answered, may be attributed.
    package static let ledgerProof = 32
    /// A lost connection to a primary that stays the primary proves nothing: it is not waited for another for longer.
    package static let doubtInOneReignMilliseconds: UInt64 = 1_000
    /// Bytes of a running statement shown in the console.
    package static let shownStatementBytes = 256
    /// Temporary tables, user locks and HANDLERs that a session is known to have by name; with more, or longer names, the
    /// pin stays until the session ends.
    package static let heldNames = 128
    /// Bytes of one such name.
    package static let heldNameBytes = 512
    /// Of those, in a release rule shown in the console.
    package static let shownNames = 4
    /// Bytes of the statement that set a pin, as the console shows it.
    package static let pinStatementBytes = 120
    /// Digests of one cluster that a lane tells apart, with account and schema; a power of two. Two of those that come
    /// least are told apart worse, the more there are.
    package static let digests = 512
    /// Bytes of an entry's names and digest text.
    package static let digestTextBytes = 1_024
    /// Of those, for the account, and for the schema.
    package static let digestNameBytes = 192
    /// Errors of Switchyard's own that the process keeps, of sessions and of refused logins.
    package static let errors = 1_024
    package static let loginErrors = 256
    /// Bytes of the cause of such a one.
    package static let errorTextBytes = 1_024
    /// Bytes of an error's message, so that its id is not cut by clients (MYSQL_ERRMSG_SIZE is 512).
    package static let shownMessageBytes = 511
    /// Slow statements that one lane tells of one cluster in a second; the others are counted.
    package static let slowStatementsPerSecond = 50
    /// When another process takes new clients: how long those who came in so short a time before it, or come in after it, may
    /// idle without being ended.
    package static let sparedNewcomersMilliseconds: UInt64 = 2_000
}
