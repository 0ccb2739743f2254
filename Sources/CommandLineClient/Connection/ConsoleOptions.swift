// Where the console is and as whom it is asked: the options, the environment, the settings file, in this order.
package import Configuration
internal import Foundation
package import MySQLClient

/// What the command line says of the console; nil where it says nothing.
package struct ConsoleOptions: Sendable, Equatable {
    /// The environment's variable with the password.
    package static let passwordVariable = "SWITCHYARD_CONSOLE_PASSWORD"

    /// A host, or the path of a Unix socket.
    package var host: String?
    package var port: UInt16?
    package var user: String?
    package var passwordFile: String?
    /// Goes on with TLS only.
    package var requiresTLS = false
    /// Who may sign the console's certificate, in PEM; the certificate must then be for the host.
    package var authority: String?
    package var timeoutSeconds = CommandLineLimits.timeoutSeconds

    /// Options that say nothing.
    package init() {}
}

/// The console as a command asks it. Its descriptions never contain the password.
package struct ConsoleTarget: Sendable {
    package var place: ClientPlace
    package var user: String
    /// Nil when nobody said it; then it is asked for on a terminal, and empty elsewhere.
    package var password: String?
    package var encryption: ClientEncryption
    package var timeoutMilliseconds: Int64
}

extension ConsoleTarget: CustomStringConvertible, CustomReflectable {
    /// Where and as whom, without the password.
    package var description: String {
        switch place {
        case .tcp(let host, let port): "\(user) at \(host.contains(":") ? "[\(host)]" : host):\(port)"
        case .unix(let path): "\(user) at \(path)"
        }
    }
    /// A mirror without the password.
    package var customMirror: Mirror { Mirror(self, children: ["place": place, "user": user]) }
}

extension ConsoleOptions {
    /// - Parameters:
    ///   - environment: of the process.
    ///   - console: what the settings file says, if one was named.
    package func target(
        environment: [String: String], console: ConsoleSettings? = nil
    ) throws(UsageProblem) -> ConsoleTarget {
        let place = place(console)
        let account = try account(console)
        // Another machine's console shows a certificate of its own making, unless `--ca` says whose it should be.
        let encryption = ClientEncryption(
            isRequired: requiresTLS || authority != nil || console?.tls.mode == .required,
            verifiesIdentity: authority != nil, authority: authority)
        if let authority, access(authority, R_OK) != 0 {
            throw UsageProblem("cannot read the file '\(authority)' of --ca: \(String(cString: strerror(errno)))")
        }
        return ConsoleTarget(
            place: place, user: account.name, password: try password(environment, account.password),
            encryption: encryption, timeoutMilliseconds: Int64(timeoutSeconds) * 1_000)
    }

    private func place(_ console: ConsoleSettings?) -> ClientPlace {
        if let host, host.hasPrefix("/") { return .unix(path: host) }
        switch console?.bind {
        case .unix(let path)? where host == nil && port == nil: return .unix(path: path)
        case .host(let name, let number)?:
            return .tcp(host: host ?? Self.reachable(name), port: port ?? number)
        default: return .tcp(host: host ?? "127.0.0.1", port: port ?? DefaultPort.console)
        }
    }

    /// What stands for every address of this machine is no address to go to.
    private static func reachable(_ bound: String) -> String {
        switch bound {
        case "0.0.0.0": "127.0.0.1"
        case "::": "::1"
        default: bound
        }
    }

    /// `--user`, or the file's first account whose password it says, or its first one.
    private func account(_ console: ConsoleSettings?) throws(UsageProblem) -> (name: String, password: String?) {
        let accounts = console?.users.map { account in
            if case .password(let text) = account.credential { return (name: account.name, password: Optional(text)) }
            return (name: account.name, password: nil)
        }
        guard let accounts else { return (user ?? "admin", nil) }
        if let user { return accounts.first { $0.name == user } ?? (user, nil) }
        guard let chosen = accounts.first(where: { $0.password != nil }) ?? accounts.first else {
            throw UsageProblem("the settings file has no account for the console")
        }
        return chosen
    }

    private func password(
        _ environment: [String: String], _ settings: String?
    ) throws(UsageProblem) -> String? {
        guard let passwordFile else { return environment[Self.passwordVariable] ?? settings }
        guard let handle = FileHandle(forReadingAtPath: passwordFile),
            let data = try? handle.read(upToCount: CommandLineLimits.passwordFileBytes + 1)
        else { throw UsageProblem("cannot read the file '\(passwordFile)' of --password-file") }
        // The first line, as bytes, since "\r\n" is one character: editors end it.
        var line = data.prefix { $0 != UInt8(ascii: "\n") }
        if line.last == UInt8(ascii: "\r") { line.removeLast() }
        guard data.count <= CommandLineLimits.passwordFileBytes, !line.contains(0),
            let text = String(validating: line, as: UTF8.self)
        else { throw UsageProblem("the file '\(passwordFile)' of --password-file is not a password in UTF-8") }
        return text
    }
}
