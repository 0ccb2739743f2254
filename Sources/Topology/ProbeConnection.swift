// One libmariadb connection with budgets in milliseconds, by its non-blocking calls and `poll`.

import CMySQL
import Glibc

/// The monitor account.
struct MonitorCredentials: Sendable, Equatable {
    let user: String
    let password: String
    var tls: ProbeTLS?
}

/// The monotonic clock in milliseconds.
func monotonicMilliseconds() -> Int64 {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Int64(time.tv_sec) * 1_000 + Int64(time.tv_nsec) / 1_000_000
}

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
///
/// A name is looked up by `getaddrinfo`, which knows no budget: a dead resolver delays this queue, no other.
final class ProbeConnection {
    /// How often an operation that ran out of time is asked to give up before its socket is shut down.
    private static let abandonAttemptsMaximum = 32

    /// The library's own initialisation is not safe against two threads that come first together.
    private static let isLibraryReady = mysql_server_init(0, nil, nil) == 0

    private let handle: UnsafeMutablePointer<MYSQL>
    private var isTimedOut = false
    /// Whether there was a connection to the host when the time was over.
    private var hadPeer = false
    /// An operation never ended: the handle may not be touched again.
    private var isAbandoned = false
    /// Once true the session on the server is unknown: the connection is only good for closing.
    private(set) var isBroken = false

    /// Connects and logs in before `deadline` (monotonic milliseconds).
    init(address: ProbeAddress, credentials: MonitorCredentials, deadline: Int64) throws(ProbeFailure) {
        guard Self.isLibraryReady, let handle = mysql_init(nil) else {
            throw ProbeFailure(kind: .protocol, code: 0, text: "out of memory for a monitor connection")
        }
        self.handle = handle
        setOptions(address)
        // A socket in the file system needs none.
        if case .tcp = address { credentials.tls?.apply(to: handle) }
        let flags = UInt(CLIENT_MULTI_STATEMENTS) | UInt(CLIENT_MULTI_RESULTS)
        let host: String?
        let port: UInt32
        let path: String?
        switch address {
        case .tcp(let name, let number): (host, port, path) = (name, UInt32(number), nil)
        case .unix(let name): (host, port, path) = (nil, 0, name)
        }
        var connected: UnsafeMutablePointer<MYSQL>?
        // libmariadb keeps no pointer into these strings beyond the end of the operation.
        let result = withOptionalCString(host) { host in
            withOptionalCString(path) { path in
                credentials.user.withCString { user in
                    credentials.password.withCString { password in
                        finish(deadline: deadline) {
                            mysql_real_connect_start(
                                &connected, handle, host, user, password, nil, port, path, flags)
                        } next: {
                            mysql_real_connect_cont(&connected, handle, $0)
                        }
                    }
                }
            }
        }
        if !result || connected == nil {
            var failure = currentFailure()
            failure.wasAccepted = isTimedOut && hadPeer
            isBroken = true
            throw failure
        }
    }

    deinit {
        // Closing in the middle of an operation would corrupt memory; losing a few KB does not.
        if !isAbandoned { mysql_close(handle) }
    }

    private var hasPeer: Bool {
        var storage = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        return withUnsafeMutableBytes(of: &storage) { bytes in
            guard let address = bytes.baseAddress?.assumingMemoryBound(to: sockaddr.self) else { return false }
            return getpeername(mysql_get_socket(handle), address, &length) == 0
        }
    }

    /// The address at the other end as a number; empty for a socket in the file system, or without a connection.
    var peerAddress: String {
        var storage = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        return withUnsafeMutablePointer(to: &storage) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                guard getpeername(mysql_get_socket(handle), address, &length) == 0,
                    address.pointee.sa_family != sa_family_t(AF_UNIX)
                else { return "" }
                return AddressWatch.numericHost(address, length: length)
            }
        }
    }

    /// The collation byte of the server's greeting.
    var greetingCollation: UInt8 { UInt8(truncatingIfNeeded: handle.pointee.server_language) }

    /// The capability flags of the server's greeting: the standard ones below, MariaDB's extended ones above.
    var greetingCapabilities: UInt64 {
        var extended: UInt = 0
        mariadb_get_info(handle, MARIADB_CONNECTION_EXTENDED_SERVER_CAPABILITIES, &extended)
        return UInt64(handle.pointee.server_capabilities) & 0xFFFF_FFFF | UInt64(extended) << 32
    }

    private func setOptions(_ address: ProbeAddress) {
        mysql_options(handle, MYSQL_OPT_NONBLOCK, nil)
        // TCP even to "localhost", which libmariadb would turn into a socket path.
        var transport = MYSQL_PROTOCOL_TCP.rawValue
        if case .unix = address { transport = MYSQL_PROTOCOL_SOCKET.rawValue }
        mysql_options(handle, MYSQL_OPT_PROTOCOL, &transport)
        mysql_options(handle, MYSQL_SET_CHARSET_NAME, "utf8mb4")
        mysql_options4(handle, MYSQL_OPT_CONNECT_ATTR_ADD, "program_name", "switchyard monitor")
    }

    /// Sends `sql`, which may hold several statements, and reads all results before `deadline`.
    func query(_ sql: String, deadline: Int64) -> ProbeAnswer {
        var answer = ProbeAnswer()
        var code: Int32 = 0
        let isSent = sql.withCString { text in
            finish(deadline: deadline) {
                mysql_real_query_start(&code, handle, text, UInt(strlen(text)))
            } next: {
                mysql_real_query_cont(&code, handle, $0)
            }
        }
        guard isSent, code == 0 else { return failed(answer) }
        while true {
            var stored: UnsafeMutablePointer<MYSQL_RES>?
            guard
                finish(
                    deadline: deadline, start: { mysql_store_result_start(&stored, handle) },
                    next: { mysql_store_result_cont(&stored, handle, $0) })
            else { return failed(answer) }
            if let stored {
                answer.results.append(read(stored))
                mysql_free_result(stored)
            } else if mysql_errno(handle) != 0 {
                return failed(answer)
            }
            guard
                finish(
                    deadline: deadline, start: { mysql_next_result_start(&code, handle) },
                    next: { mysql_next_result_cont(&code, handle, $0) })
            else { return failed(answer) }
            if code < 0 { return answer }
            if code > 0 { return failed(answer) }
        }
    }

    private func failed(_ answer: ProbeAnswer) -> ProbeAnswer {
        var answer = answer
        let failure = currentFailure()
        if isTimedOut || failure.code >= 2_000 && failure.code < 3_000 { isBroken = true }
        answer.failure = failure
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

    /// Runs one operation to its end. False when the deadline passed; the operation has then been made to give up.
    private func finish(deadline: Int64, start: () -> Int32, next: (Int32) -> Int32) -> Bool {
        if isBroken { return false }
        var waiting = start()
        var attempts = 0
        while waiting != 0 {
            let ready = isTimedOut ? 0 : poll(waiting, deadline: deadline)
            if ready != 0 {
                waiting = next(ready)
                continue
            }
            if !isTimedOut { hadPeer = hasPeer }
            isTimedOut = true
            attempts += 1
            if attempts > Self.abandonAttemptsMaximum / 2 {
                _ = shutdown(mysql_get_socket(handle), Int32(SHUT_RDWR))
                waiting = next(waiting)
            } else {
                waiting = next(Int32(MYSQL_WAIT_TIMEOUT))
            }
            if attempts > Self.abandonAttemptsMaximum {
                isAbandoned = true
                return false
            }
        }
        return !isTimedOut
    }

    /// Waits for what libmariadb asks for; 0 when the deadline passed.
    private func poll(_ waiting: Int32, deadline: Int64) -> Int32 {
        var descriptor = pollfd(fd: mysql_get_socket(handle), events: 0, revents: 0)
        if waiting & Int32(MYSQL_WAIT_READ) != 0 { descriptor.events |= Int16(POLLIN) }
        if waiting & Int32(MYSQL_WAIT_WRITE) != 0 { descriptor.events |= Int16(POLLOUT) }
        if waiting & Int32(MYSQL_WAIT_EXCEPT) != 0 { descriptor.events |= Int16(POLLPRI) }
        while true {
            let remaining = deadline - monotonicMilliseconds()
            if remaining <= 0 { return 0 }
            let count = Glibc.poll(&descriptor, 1, Int32(clamping: remaining))
            if count < 0 && errno == EINTR { continue }
            if count == 0 { return 0 }
            var ready: Int32 = 0
            if descriptor.revents & Int16(POLLIN) != 0 { ready |= Int32(MYSQL_WAIT_READ) }
            if descriptor.revents & Int16(POLLOUT) != 0 { ready |= Int32(MYSQL_WAIT_WRITE) }
            if descriptor.revents & Int16(POLLPRI) != 0 { ready |= Int32(MYSQL_WAIT_EXCEPT) }
            // An error or a hang-up: let libmariadb find it by the system call it waits to make.
            return ready != 0 ? ready : waiting & ~Int32(MYSQL_WAIT_TIMEOUT)
        }
    }

    private func currentFailure() -> ProbeFailure {
        if isTimedOut { return ProbeFailure(kind: .timeout, code: Int(ETIMEDOUT), text: "no answer within the budget") }
        let text = mysql_error(handle).map { String(cString: $0) } ?? ""
        return ProbeFailure.classified(code: Int(mysql_errno(handle)), text: text)
    }

    private func withOptionalCString<Result>(
        _ text: String?, _ body: (UnsafePointer<CChar>?) -> Result
    ) -> Result {
        guard let text else { return body(nil) }
        return text.withCString { body($0) }
    }
}
