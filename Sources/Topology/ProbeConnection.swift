// One connection of the monitor's.

import CMySQL
import Glibc
import MySQLClient

/// The monitor account.
struct MonitorCredentials: Sendable, Equatable {
    let user: String
    let password: String
    var tls: ProbeTLS?
}

/// The monotonic clock in milliseconds.
func monotonicMilliseconds() -> Int64 { ClientHandle.monotonicMilliseconds() }

/// The wall clock in milliseconds since 1970.
func unixMilliseconds() -> Int64 {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return Int64(time.tv_sec) * 1_000 + Int64(time.tv_nsec) / 1_000_000
}

/// The answer to a multi-statement: the results until the end or the first error.
struct ProbeAnswer {
    var results: [ProbeResult] = []
    var failure: ProbeFailure?
}

/// An open connection. Confined to the queue of whoever made it; closed with the last reference.
final class ProbeConnection {
    private let handle: ClientHandle

    /// Connects and logs in before `deadline` (monotonic milliseconds).
    init(address: ProbeAddress, credentials: MonitorCredentials, deadline: Int64) throws(ProbeFailure) {
        guard let handle = ClientHandle() else {
            throw ProbeFailure(kind: .protocol, code: 0, text: "out of memory for a monitor connection")
        }
        self.handle = handle
        let login = ClientLogin(
            place: address.place, user: credentials.user, password: credentials.password,
            programName: "switchyard monitor", flags: UInt(CLIENT_MULTI_STATEMENTS) | UInt(CLIENT_MULTI_RESULTS),
            encryption: credentials.tls?.encryption)
        guard handle.connect(login, deadline: deadline) else {
            var failure = currentFailure()
            failure.wasAccepted = handle.isTimedOut && handle.hadPeer
            throw failure
        }
    }

    /// Once true the session on the server is unknown: the connection is only good for closing.
    var isBroken: Bool { handle.isBroken }

    /// The address at the other end as a number; empty for a socket in the file system, or without a connection.
    var peerAddress: String {
        var storage = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        return withUnsafeMutablePointer(to: &storage) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                guard getpeername(mysql_get_socket(handle.mysql), address, &length) == 0,
                    address.pointee.sa_family != sa_family_t(AF_UNIX)
                else { return "" }
                return AddressWatch.numericHost(address, length: length)
            }
        }
    }

    /// The collation byte of the server's greeting.
    var greetingCollation: UInt8 { UInt8(truncatingIfNeeded: handle.mysql.pointee.server_language) }

    /// The capability flags of the server's greeting: the standard ones below, MariaDB's extended ones above.
    var greetingCapabilities: UInt64 {
        var extended: UInt = 0
        mariadb_get_info(handle.mysql, MARIADB_CONNECTION_EXTENDED_SERVER_CAPABILITIES, &extended)
        return UInt64(handle.mysql.pointee.server_capabilities) & 0xFFFF_FFFF | UInt64(extended) << 32
    }

    /// Sends `sql`, which may hold several statements, and reads all results before `deadline`.
    func query(_ sql: String, deadline: Int64) -> ProbeAnswer {
        var answer = ProbeAnswer()
        guard handle.send(sql, deadline: deadline) else { return failed(answer) }
        while true {
            guard let stored = handle.storeResult(deadline: deadline) else { return failed(answer) }
            if let stored {
                answer.results.append(read(stored))
                mysql_free_result(stored)
            }
            guard let hasMore = handle.nextResult(deadline: deadline) else { return failed(answer) }
            if !hasMore { return answer }
        }
    }

    private func failed(_ answer: ProbeAnswer) -> ProbeAnswer {
        var answer = answer
        answer.failure = currentFailure()
        return answer
    }

    private func read(_ stored: UnsafeMutablePointer<MYSQL_RES>) -> ProbeResult {
        let count = Int(mysql_num_fields(stored))
        var columns: [String] = []
        if let fields = mysql_fetch_fields(stored) {
            columns = (0..<count).map { index in fields[index].name.map { String(cString: $0) } ?? "" }
        }
        var rows: [[String?]] = []
        while rows.count < ProbeResult.rowsMaximum, let row = mysql_fetch_row(stored),
            let lengths = mysql_fetch_lengths(stored)
        {
            rows.append(
                (0..<count).map { index in
                    row[index].map { cell in
                        String(decoding: UnsafeRawBufferPointer(start: cell, count: Int(lengths[index])), as: UTF8.self)
                    }
                })
        }
        return ProbeResult(columns: columns, rows: rows)
    }

    private func currentFailure() -> ProbeFailure {
        if handle.isTimedOut {
            return ProbeFailure(kind: .timeout, code: Int(ETIMEDOUT), text: "no answer within the budget")
        }
        return ProbeFailure.classified(code: handle.errorNumber, text: handle.errorText)
    }
}

extension ProbeAddress {
    fileprivate var place: ClientPlace {
        switch self {
        case .tcp(let host, let port): .tcp(host: host, port: port)
        case .unix(let path): .unix(path: path)
        }
    }
}
