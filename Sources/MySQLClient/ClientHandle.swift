// One libmariadb connection with budgets in milliseconds, by its non-blocking calls and `poll`.

package import CMySQL
internal import Glibc

/// Where a server listens.
package enum ClientPlace: Sendable, Equatable {
    /// A host name or address, and a port.
    case tcp(host: String, port: UInt16)
    /// A Unix socket's path.
    case unix(path: String)
}

/// As whom, and how, a connection is made.
package struct ClientLogin: Sendable {
    /// Where to.
    package var place: ClientPlace
    /// The account's name.
    package var user: String
    /// Its password; empty for none.
    package var password: String
    /// What the server is told of the client, under `program_name`.
    package var programName: String
    /// `CLIENT_…`.
    package var flags: UInt
    /// Encryption; nil for what the library does by itself. A socket in the file system needs none.
    package var encryption: ClientEncryption?

    /// A login by its parts.
    package init(
        place: ClientPlace, user: String, password: String, programName: String, flags: UInt = 0,
        encryption: ClientEncryption? = nil
    ) {
        self.place = place
        self.user = user
        self.password = password
        self.programName = programName
        self.flags = flags
        self.encryption = encryption
    }
}

/// A libmariadb handle. Confined to the queue or thread of whoever made it; closed with the last reference. Deadlines are
/// in milliseconds of `monotonicMilliseconds`.
///
/// A name is looked up by `getaddrinfo`, which knows no budget: a dead resolver delays this caller, no other.
package final class ClientHandle {
    /// How often an operation that ran out of time is asked to give up before its socket is shut down.
    private static let abandonAttemptsMaximum = 32

    /// The library's own initialisation is not safe against two threads that come first together.
    private static let isLibraryReady = mysql_server_init(0, nil, nil) == 0

    /// The library's handle, for what has no function here.
    package let mysql: UnsafeMutablePointer<MYSQL>
    /// Whether the time of an operation was over.
    package private(set) var isTimedOut = false
    /// Whether there was a connection to the host then.
    package private(set) var hadPeer = false
    /// Once true the session on the server is unknown: the connection is only good for closing.
    package private(set) var isBroken = false
    /// An operation never ended: the handle may not be touched again.
    private var isAbandoned = false

    /// A handle without a connection; nil when there is no memory for one.
    package init?() {
        guard Self.isLibraryReady, let handle = mysql_init(nil) else { return nil }
        mysql = handle
        mysql_options(handle, MYSQL_OPT_NONBLOCK, nil)
    }

    deinit {
        // Closing in the middle of an operation would corrupt memory; losing a few KB does not.
        if !isAbandoned { mysql_close(mysql) }
    }

    /// The clock of deadlines.
    package static func monotonicMilliseconds() -> Int64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Int64(time.tv_sec) * 1_000 + Int64(time.tv_nsec) / 1_000_000
    }

    // MARK: Operations

    /// Connects and logs in. False when that failed: the handle is then good for `errorNumber` and its like only.
    package func connect(_ login: ClientLogin, deadline: Int64) -> Bool {
        setOptions(login)
        let host: String?
        let port: UInt32
        let path: String?
        switch login.place {
        case .tcp(let name, let number): (host, port, path) = (name, UInt32(number), nil)
        case .unix(let name): (host, port, path) = (nil, 0, name)
        }
        var connected: UnsafeMutablePointer<MYSQL>?
        // libmariadb keeps no pointer into these strings beyond the end of the operation.
        let isFinished = withOptionalCString(host) { host in
            withOptionalCString(path) { path in
                login.user.withCString { user in
                    login.password.withCString { password in
                        finish(deadline: deadline) {
                            mysql_real_connect_start(
                                &connected, mysql, host, user, password, nil, port, path, login.flags)
                        } next: {
                            mysql_real_connect_cont(&connected, mysql, $0)
                        }
                    }
                }
            }
        }
        if !isFinished || connected == nil { isBroken = true }
        return !isBroken
    }

    private func setOptions(_ login: ClientLogin) {
        // TCP even to "localhost", which libmariadb would turn into a socket path.
        var transport = MYSQL_PROTOCOL_TCP.rawValue
        if case .unix = login.place { transport = MYSQL_PROTOCOL_SOCKET.rawValue }
        mysql_options(mysql, MYSQL_OPT_PROTOCOL, &transport)
        mysql_options(mysql, MYSQL_SET_CHARSET_NAME, "utf8mb4")
        // No server gets files of this machine.
        var sendsFiles: UInt32 = 0
        mysql_options(mysql, MYSQL_OPT_LOCAL_INFILE, &sendsFiles)
        mysql_options4(mysql, MYSQL_OPT_CONNECT_ATTR_ADD, "program_name", login.programName)
        if case .tcp = login.place { login.encryption?.apply(to: mysql) }
    }

    /// Sends a text and reads the head of the first answer. False when that failed, or the answer is an error.
    package func send(_ sql: String, deadline: Int64) -> Bool {
        var code: Int32 = 0
        let isFinished = sql.withCString { text in
            finish(deadline: deadline) {
                mysql_real_query_start(&code, mysql, text, UInt(strlen(text)))
            } next: {
                mysql_real_query_cont(&code, mysql, $0)
            }
        }
        return noting(isFinished && code == 0)
    }

    /// Takes the whole result that is on its way; nil pointer for an answer without rows. Nil when that failed.
    package func storeResult(deadline: Int64) -> UnsafeMutablePointer<MYSQL_RES>?? {
        var stored: UnsafeMutablePointer<MYSQL_RES>?
        let isFinished = finish(
            deadline: deadline, start: { mysql_store_result_start(&stored, mysql) },
            next: { mysql_store_result_cont(&stored, mysql, $0) })
        guard noting(isFinished && (stored != nil || mysql_errno(mysql) == 0)) else { return nil }
        return .some(stored)
    }

    /// The next row of a result that is read as it comes; nil at its end, and when that failed (`isBroken`).
    package func nextRow(of result: UnsafeMutablePointer<MYSQL_RES>, deadline: Int64) -> MYSQL_ROW? {
        var row: MYSQL_ROW?
        let isFinished = finish(
            deadline: deadline, start: { mysql_fetch_row_start(&row, result) },
            next: { mysql_fetch_row_cont(&row, result, $0) })
        guard noting(isFinished && (row != nil || mysql_errno(mysql) == 0)) else { return nil }
        return row
    }

    /// Goes on to the answer of the next statement: true when there is one, false when there is none, nil when that failed.
    package func nextResult(deadline: Int64) -> Bool? {
        var code: Int32 = 0
        let isFinished = finish(
            deadline: deadline, start: { mysql_next_result_start(&code, mysql) },
            next: { mysql_next_result_cont(&code, mysql, $0) })
        guard noting(isFinished && code <= 0) else { return nil }
        return code == 0
    }

    /// Ends the connection at once: what is on its way is not waited for.
    package func cut() {
        isBroken = true
        _ = shutdown(mysql_get_socket(mysql), Int32(SHUT_RDWR))
    }

    // MARK: Errors

    /// The number of the last error, 0 for none; 2000 to 2999 are the library's own.
    package var errorNumber: Int { Int(mysql_errno(mysql)) }

    /// The text of the last error.
    package var errorText: String { mysql_error(mysql).map { String(cString: $0) } ?? "" }

    /// Its SQLSTATE.
    package var sqlState: String { mysql_sqlstate(mysql).map { String(cString: $0) } ?? "" }

    /// After an operation that failed: whether the session goes on.
    private func noting(_ isSuccess: Bool) -> Bool {
        if !isSuccess, isTimedOut || (2_000..<3_000).contains(errorNumber) { isBroken = true }
        return isSuccess
    }

    // MARK: Waiting

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
                _ = shutdown(mysql_get_socket(mysql), Int32(SHUT_RDWR))
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
        var descriptor = pollfd(fd: mysql_get_socket(mysql), events: 0, revents: 0)
        if waiting & Int32(MYSQL_WAIT_READ) != 0 { descriptor.events |= Int16(POLLIN) }
        if waiting & Int32(MYSQL_WAIT_WRITE) != 0 { descriptor.events |= Int16(POLLOUT) }
        if waiting & Int32(MYSQL_WAIT_EXCEPT) != 0 { descriptor.events |= Int16(POLLPRI) }
        while true {
            let remaining = deadline - Self.monotonicMilliseconds()
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

    private var hasPeer: Bool {
        var storage = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        return withUnsafeMutableBytes(of: &storage) { bytes in
            guard let address = bytes.baseAddress?.assumingMemoryBound(to: sockaddr.self) else { return false }
            return getpeername(mysql_get_socket(mysql), address, &length) == 0
        }
    }

    private func withOptionalCString<Result>(
        _ text: String?, _ body: (UnsafePointer<CChar>?) -> Result
    ) -> Result {
        guard let text else { return body(nil) }
        return text.withCString { body($0) }
    }
}
