// Errors about connections and their ids, in the servers' own numbers and words.
internal import SQL
internal import Wire

extension ProxyError {
    /// 1835, in the server's own words: a command whose bytes make no sense.
    static func malformedCommand(_ dialect: Dialect) -> ProxyError {
        ProxyError(
            code: ErrorCode.malformedCommand.rawValue, sqlState: "HY000",
            message: dialect == .mySQL ? "Malformed communication packet." : "Malformed communication packet")
    }

    /// 1156, in the servers' own words: a command that does not begin with packet 0.
    static let outOfOrder = ProxyError(
        code: ErrorCode.packetsOutOfOrder.rawValue, sqlState: "08S01", message: "Got packets out of order")

    /// 1094: no client of this cluster has that id.
    static func unknownConnection(_ id: UInt64) -> ProxyError {
        ProxyError(
            code: ErrorCode.noSuchThread.rawValue, sqlState: "HY000",
            message:
                "Unknown thread id: \(id) (ids here are Switchyard's, as SHOW PROCESSLIST lists them; a server's own "
                + "id is killed on that server)")
    }

    /// 1095: somebody else's connection.
    static func notOwner(_ id: UInt64) -> ProxyError {
        ProxyError(
            code: ErrorCode.killDenied.rawValue, sqlState: "HY000", message: "You are not owner of thread \(id)")
    }

    /// 1957: query ids are those of one server.
    static func unknownQuery(_ id: UInt64) -> ProxyError {
        ProxyError(
            code: ErrorCode.noSuchQuery.rawValue, sqlState: "HY000",
            message:
                "Unknown query id: \(id) (query ids are a server's own: kill it there, or by its connection id here)")
    }

    /// 9514: there is no log to be read, or not for this session.
    static func noBinlog(_ reason: String) -> ProxyError {
        ProxyError(code: 9514, sqlState: "HY000", message: reason)
    }

    /// 1317, in the server's own words.
    static let interrupted = ProxyError(
        code: ErrorCode.queryInterrupted.rawValue, sqlState: "70100", message: "Query execution was interrupted")

    /// 1927, in the words of MariaDB: a connection that killed itself.
    static let connectionKilled = ProxyError(
        code: ErrorCode.connectionKilled.rawValue, sqlState: "70100", message: "Connection was killed")

    /// 9513: the server did not do it.
    static func killFailed(_ reason: String) -> ProxyError {
        ProxyError(
            code: 9513, sqlState: "HY000",
            message: "the statement was not killed: \(reason); it may still run, try again")
    }
}
