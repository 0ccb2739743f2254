// How an error is told: with its id where the words are Switchyard's own, and what to do about it.

extension ProxyError {
    /// The message as the client gets it. Words that are a server's own stay as they are: clients compare them. Clients of
    /// libmysqlclient cut what is longer than 511 bytes, so the id is put where it stays.
    var shownMessage: String {
        guard !id.isEmpty, !isServers, !Self.serversOwnWords.contains(code) else { return message }
        let end = " [\(id)]"
        let room = FrontendLimits.shownMessageBytes - end.utf8.count
        guard message.utf8.count > room else { return message + end }
        var cut = message
        while cut.utf8.count > room - 3 { cut.removeLast() }
        return cut + "…" + end
    }

    /// Errors of which Switchyard says what a server would say, word by word.
    private static let serversOwnWords: Set<UInt16> = [
        1044, 1045, 1047, 1049, 1095, 1156, 1193, 1228, 1231, 1238, 1243, 1317, 1421, 1792, 1835, 1862, 1927, 3118,
        4151,
    ]

    /// What an application or an operator can do about it, in a sentence.
    package var nextStep: String { Self.nextSteps[code] ?? Self.generalStep(code) }

    private static func generalStep(_ code: UInt16) -> String {
        code >= 9_500
            ? "look at routing_history and the log around that time, and report it with its id"
            : "the message says what is wrong with the statement or its connection: change that"
    }

    private static let nextSteps: [UInt16: String] = [
        1040: "raise limits.clients, or close connections that idle: the table sessions shows them",
        1043:
            "check that the client speaks the MySQL protocol, and the TLS and proxy_protocol settings of the listener",
        1045: "check user, host and password: the table users shows the accounts that are known",
        1047: "use a client that sends statements as text or by the prepared-statement protocol",
        1094: "take the id from SHOW PROCESSLIST through Switchyard, or from the table sessions",
        1129: "wait, or name the address in limits.login_trusted; look in the log for who guesses",
        1153: "raise limits.packet_size, or send less at once",
        1159: "send commands in time, or raise limits.idle_timeout and limits.login_timeout",
        1235: "run the statement on a node directly",
        1251: "name the account's password under users in the settings, or change its plugin",
        1290: "connect to a listener of mode split or primary for what writes",
        1317: "nothing: somebody ended the statement with KILL",
        1461: "close statements that are not needed, or raise limits.prepared_statements_per_node",
        1792: "begin a transaction that is not read-only for what writes",
        1862: "change the password on a server",
        1927: "connect again: somebody ended the connection with KILL",
        3159: "let the client use TLS",
        9501: "see why in routing_table and routing_history; the next statement tries again",
        9502: "see why in routing_table; let the primary serve reads, or bring a replica back",
        9503: "see pools and connections; raise limits.server_connections_per_node if the node can bear it",
        9504: "check whether it took effect before it is repeated; the table outcomes says what was found out",
        9505: "run the transaction again from its start",
        9506: "connect again, and set the session up again",
        9507: "run the statement again",
        9508: "see in routing_table what is waited for; raise limits.waiting_clients if the wait is worth it",
        9509: "see nodes and the log for why accounts cannot be read from the primary",
        9510: "begin with START TRANSACTION instead of START TRANSACTION READ ONLY",
        9511: "ask at once, or in the same transaction; raise limits.server_connections_per_node",
        9512: "run both statements in one transaction",
        9513: "kill it again, or on the node itself",
        9514: "see routing_table for a node that serves the binary log",
        9515: "bind the parameters again",
        9516: "do not repeat it; read what it wrote if its row counts or ids are needed",
        9520: "see its digest in digests; raise the timeout, or make the statement faster",
    ]
}
