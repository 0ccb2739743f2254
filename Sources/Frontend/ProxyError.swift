// The errors that Switchyard itself gives to a client: number, SQLSTATE, cause and next step.
internal import SQL
internal import Topology
internal import Wire

/// An error packet's content. Numbers from 9500 on are Switchyard's own; the others mean what the manuals say.
package struct ProxyError: Error, Equatable, Sendable {
    /// The error number.
    package let code: UInt16
    /// Five characters.
    package let sqlState: String
    /// Cause, place and next step.
    package let message: String
    /// The node that it is about; nil for none, or where the message alone says.
    package let node: String?
    /// Whether a server made it, and Switchyard only passes it on.
    package let isServers: Bool
    /// Under which it is in the log and in the console; empty until it is told.
    package internal(set) var id = ""

    /// An error by its parts.
    package init(code: UInt16, sqlState: String, message: String, node: String? = nil, isServers: Bool = false) {
        self.code = code
        self.sqlState = sqlState
        self.message = message
        self.node = node
        self.isServers = isServers
    }

    /// 1040, before the greeting.
    static func tooManyClients(_ limit: Int) -> ProxyError {
        ProxyError(
            code: 1040, sqlState: "08004",
            message: "Too many connections: Switchyard serves \(limit) clients (limits.clients)")
    }

    /// 1043: bytes that are no login.
    static func badHandshake(_ cause: String) -> ProxyError {
        ProxyError(code: 1043, sqlState: "08S01", message: "Bad handshake: \(cause)")
    }

    /// A wrong password, or no such account.
    static let accessDeniedCode: UInt16 = 1045

    /// 1045, in the server's own words.
    static func accessDenied(user: String, host: String, usedPassword: Bool) -> ProxyError {
        ProxyError(
            code: accessDeniedCode, sqlState: "28000",
            message: "Access denied for user '\(user)'@'\(host)' (using password: \(usedPassword ? "YES" : "NO"))")
    }

    /// 1251: an account whose plugins cannot be served, or not like this.
    static func noMethod(_ account: Account, _ offers: AuthOffers) -> ProxyError {
        let who = "account '\(account.user)'@'\(account.host)' uses auth plugin "
        guard offers.unknown.isEmpty else {
            return ProxyError(
                code: 1251, sqlState: "08004",
                message: who + offers.unknown.joined(separator: ", ")
                    + ", with which Switchyard cannot log in to servers before it knows the password: "
                    + "name it under 'users' in the settings, or log in once over TLS")
        }
        return ProxyError(
            code: 1251, sqlState: "08004",
            message: who + offers.unserved.joined(separator: ", ") + "; this listener serves "
                + PluginExchange.plugins.joined(separator: ", ")
                + ": change the account's plugin, or name its password under 'users' in the settings")
    }

    /// 4151 or 3118, in the server's own words.
    static func accountLocked(user: String, host: String, flavor: ServerFlavor) -> ProxyError {
        flavor == .mySQL
            ? ProxyError(
                code: 3118, sqlState: "HY000",
                message: "Access denied for user '\(user)'@'\(host)'. Account is locked.")
            : ProxyError(code: 4151, sqlState: "HY000", message: "Access denied, this account is locked")
    }

    /// 1862, in the server's own words.
    static let passwordExpired = ProxyError(
        code: 1862, sqlState: "HY000",
        message: "Your password has expired. To log in you must change it using a client that supports expired "
            + "passwords.")

    /// 1129: too many failed logins, before the greeting.
    static func hostBlocked(_ host: String, seconds: UInt64) -> ProxyError {
        ProxyError(
            code: 1129, sqlState: "HY000",
            message: "Host '\(host)' is blocked because of many failed logins: it may try again in \(seconds) s "
                + "(limits.login_failures)")
    }

    /// 3159, in the servers' own words.
    static let insecureTransport = ProxyError(
        code: 3159, sqlState: "HY000",
        message: "Connections using insecure transport are prohibited: this listener takes logins over TLS only "
            + "(listeners.tls.mode)")

    /// 9509: the accounts are still to be read.
    static func noAccountsYet(_ reason: String) -> ProxyError {
        ProxyError(code: 9509, sqlState: "08004", message: "no login is possible yet: \(reason)")
    }

    /// 1040: so many passwords are being checked.
    static let tooManyLogins = ProxyError(
        code: 1040, sqlState: "08004",
        message:
            "Too many connections: \(FrontendLimits.waitingLoginWorks) logins wait for their password to be checked, or "
            + "\(FrontendLimits.waitingLoginWorksPerAddress) from this address; try again")

    /// 1047, in the server's own words: a command that is not served.
    static let unknownCommand = ProxyError(code: 1047, sqlState: "08S01", message: "Unknown command")

    /// 1153: longer than the listener takes.
    static func packetTooLarge(_ limit: Int) -> ProxyError {
        ProxyError(
            code: 1153, sqlState: "08S01",
            message:
                "Got a packet bigger than 'max_allowed_packet' bytes: Switchyard takes \(limit) (limits.packet_size)")
    }

    /// 1159: nothing came for too long.
    static func timedOut(_ what: String) -> ProxyError {
        ProxyError(code: 1159, sqlState: "08S01", message: "Got timeout reading communication packets: \(what)")
    }

    /// 1235: a statement that would do harm through a proxy.
    static func notServed(_ what: String) -> ProxyError {
        ProxyError(code: 1235, sqlState: "42000", message: what)
    }

    /// 1243: the statement handler went with its connection, or never was.
    static func unknownStatement(_ id: UInt32) -> ProxyError {
        ProxyError(
            code: 1243, sqlState: "HY000", message: "Unknown prepared statement handler (\(id)) given to EXECUTE")
    }

    /// 1792, in the server's own words. MySQL's end in a full stop.
    static func readOnlyTransaction(_ dialect: Dialect) -> ProxyError {
        let stop = dialect == .mySQL ? "." : ""
        return ProxyError(
            code: 1792, sqlState: "25006", message: "Cannot execute statement in a READ ONLY transaction\(stop)")
    }

    /// 1290: a write on a listener that leads to replicas.
    static let replicaListener = ProxyError(
        code: 1290, sqlState: "HY000",
        message: "The MariaDB server is running with the --read-only option so it cannot execute this statement: "
            + "this listener of Switchyard leads to replicas (mode: replica)")

    /// 9512: a statement that asks about another, which ran on a replica, and must itself run elsewhere: it writes, or
    /// reads what that replica has not.
    static func previousElsewhere(_ node: String) -> ProxyError {
        ProxyError(
            code: 9512, sqlState: "HY000",
            message:
                "this statement needs another server and asks for row counts or warnings of the one before, which ran "
                + "on \(node): run both in one transaction")
    }

    /// 9501: no node takes writes.
    static func noPrimary(cluster: String, reason: String, waitedMilliseconds: UInt64) -> ProxyError {
        ProxyError(
            code: 9501, sqlState: "HY000",
            message: "cluster '\(cluster)' has no primary: \(reason); waited \(waitedMilliseconds) ms (hold_timeout); "
                + "see routing_table in the console")
    }

    /// 9502: no node takes reads.
    static func noReader(cluster: String, reason: String, waitedMilliseconds: UInt64) -> ProxyError {
        ProxyError(
            code: 9502, sqlState: "HY000",
            message: "cluster '\(cluster)' has no node for reads: \(reason); waited \(waitedMilliseconds) ms; "
                + "see routing_table in the console")
    }

    /// 9503: the limit of connections to a node.
    static func noConnection(node: String, reason: String, waitedMilliseconds: UInt64) -> ProxyError {
        ProxyError(
            code: 9503, sqlState: "08004",
            message: "no connection to \(node): \(reason); waited \(waitedMilliseconds) ms", node: node)
    }

    /// 9504: sent, and the answer is lost.
    static func outcomeUnknown(node: String, cause: String, evidence: String? = nil) -> ProxyError {
        ProxyError(
            code: 9504, sqlState: "08007",
            message: "the statement was sent to \(node) and its answer was lost (\(cause)): its outcome is unknown; "
                + "check before you repeat it" + (evidence.map { "; evidence: \($0)" } ?? ""), node: node)
    }

    /// 9516: sent and done, and the answer is lost.
    static func answerLost(node: String, on primary: String) -> ProxyError {
        ProxyError(
            code: 9516, sqlState: "08007",
            message: "the statement was committed and is on \(primary); its answer (row counts, ids) was lost with the "
                + "connection to \(node): do not repeat it", node: node)
    }

    /// 9505: the transaction went with its connection.
    static func transactionLost(node: String, cause: String) -> ProxyError {
        ProxyError(
            code: 9505, sqlState: "40001",
            message: "the transaction on \(node) was rolled back: \(cause); run it again from its start", node: node)
    }

    /// 9506: state that only the lost connection had.
    static func sessionLost(node: String, cause: String, state: [String]) -> ProxyError {
        ProxyError(
            code: 9506, sqlState: "08S01",
            message:
                "the session's state on \(node) is lost (\(state.joined(separator: ", "))): \(cause); connect again",
            node: node)
    }

    /// 9507: the answer broke off.
    static func resultBroken(node: String, cause: String) -> ProxyError {
        ProxyError(
            code: 9507, sqlState: "08S01",
            message: "the result from \(node) broke off: \(cause); run the statement again", node: node)
    }

    /// 9508: too many wait already.
    static func tooManyWaiting(_ limit: Int, reason: String) -> ProxyError {
        ProxyError(
            code: 9508, sqlState: "08004",
            message: "\(limit) statements wait already (limits.waiting_clients), or "
                + "\(FrontendLimits.waitingBytes >> 20) MiB of them: \(reason)")
    }

    /// 9511: FOUND_ROWS(), ROW_COUNT() or warnings of a statement whose connection went to another session.
    static let previousGone = ProxyError(
        code: 9511, sqlState: "HY000",
        message: "the row counts and warnings of the statement before are gone: its connection was needed by another "
            + "session (limits.server_connections_per_node); ask at once, or in the same transaction")

    /// 9511 too: LASTVAL() of a sequence.
    static let lastValueGone = ProxyError(
        code: 9511, sqlState: "HY000",
        message: "LASTVAL() is gone: its connection was needed by another session "
            + "(limits.server_connections_per_node); ask in the transaction of the NEXTVAL(), or keep what that returns"
    )

    /// The packet, header included.
    func packet(sequence: UInt8) -> [UInt8] {
        var writer = ByteWriter()
        writer.beginPacket(sequence: sequence)
        ErrorPacket(code: code, sqlState: sqlState, message: shownMessage).encode(into: &writer)
        writer.endPacket()
        return writer.bytes
    }
}
