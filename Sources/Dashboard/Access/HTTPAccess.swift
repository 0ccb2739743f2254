// Who may ask: everybody on this machine, or those who show a token, or a name and a password.
package import Frontend
internal import Glibc
package import Security

/// Somebody who may ask with a name and a password.
package struct HTTPUser: Sendable {
    let name: String
    let verifier: PasswordVerifier
    let isReadOnly: Bool

    /// A user by his parts; who is read-only may not send statements that change something.
    package init(name: String, verifier: PasswordVerifier, isReadOnly: Bool = false) {
        self.name = name
        self.verifier = verifier
        self.isReadOnly = isReadOnly
    }
}

/// Checks requests. Wrong tokens and passwords are counted by address, and refused for a while when there are too many.
package struct HTTPAccess: Sendable {
    enum Verdict: Sendable {
        case allowed(user: String, isReadOnly: Bool = false)
        case refused(HTTPResponse)
    }

    private let users: [HTTPUser]
    private let token: SecretBytes?
    private let throttle: LoginThrottle
    private let onRefused: @Sendable (_ peerHost: String, _ user: String) -> Void

    /// - Parameter onRefused: told of each wrong token and password.
    package init(
        users: [HTTPUser], token: SecretBytes?, throttle: LoginThrottle,
        onRefused: @escaping @Sendable (String, String) -> Void = { _, _ in }
    ) {
        self.users = users
        self.token = token
        self.throttle = throttle
        self.onRefused = onRefused
    }

    /// Whether somebody has to show who he is.
    var isRequired: Bool { token != nil || !users.isEmpty }

    func check(_ request: HTTPRequest, peerHost: String, nowMilliseconds: UInt64) -> Verdict {
        guard isRequired else { return checkHost(request) }
        if let seconds = throttle.refusedSeconds(peerHost, nowMilliseconds: nowMilliseconds) {
            var response = HTTPResponse.failure(429, "too many wrong tokens and passwords came from \(peerHost)")
            response.headers = [HTTPRequest.Parameter(name: "Retry-After", value: "\(seconds)")]
            return .refused(response)
        }
        guard let shown = request.header("authorization") else {
            return .refused(unauthorized("show a token or a password"))
        }
        let (user, isRight, isReadOnly) = verify(shown)
        guard isRight else {
            onRefused(peerHost, user)
            _ = throttle.failed(peerHost, user: user, nowMilliseconds: nowMilliseconds)
            return .refused(unauthorized("the token, or the name or password, is wrong"))
        }
        throttle.succeeded(peerHost, user: user)
        return .allowed(user: user, isReadOnly: isReadOnly)
    }

    /// Why a file of the page is not served; nil when it is. Who asks need not show who he is: the page asks for that.
    func refusalOfPage(_ request: HTTPRequest) -> HTTPResponse? {
        guard !isRequired, case .refused(let response) = checkHost(request) else { return nil }
        return response
    }

    private func unauthorized(_ text: String) -> HTTPResponse {
        var response = HTTPResponse.failure(401, text)
        let scheme = users.isEmpty ? "Bearer" : "Basic"
        response.headers = [HTTPRequest.Parameter(name: "WWW-Authenticate", value: "\(scheme) realm=\"Switchyard\"")]
        return response
    }

    /// The name that is claimed, whether it is proved, and whether it may only ask.
    private func verify(_ shown: String) -> (user: String, isRight: Bool, isReadOnly: Bool) {
        let parts = shown.split(separator: " ", maxSplits: 1)
        guard parts.count == 2 else { return ("", false, true) }
        let secret = parts[1].drop { $0 == " " }
        switch parts[0].lowercased() {
        case "bearer": return ("token", token.map { $0 == SecretBytes(secret.utf8) } ?? false, false)
        case "basic":
            guard let pair = Base64.decode(secret.utf8),
                let colon = pair.firstIndex(of: UInt8(ascii: ":"))
            else { return ("", false, true) }
            let name = String(decoding: pair[..<colon], as: UTF8.self)
            let password = SecretBytes(pair[(colon + 1)...])
            let user = users.first { $0.name == name }
            // A name that nobody has takes as long as one that somebody has.
            let verifier = (user ?? users.first)?.verifier ?? .unreadable
            return (name, verifier.matches(password) && user != nil, user?.isReadOnly ?? true)
        default: return ("", false, true)
        }
    }

    /// A page of another site can make a browser on this machine ask here, under a name of its own that leads to this
    /// address; the name shows in the header Host.
    private func checkHost(_ request: HTTPRequest) -> Verdict {
        guard let host = request.header("host"), !Self.isLocal(host) else { return .allowed(user: "http") }
        return .refused(.failure(421, "without http.users and http.token the host must be localhost or an address"))
    }

    /// Whether it is an address, with or without a port, or `localhost`: no name that somebody else can register.
    static func isLocal(_ host: String) -> Bool {
        if host.hasPrefix("[") { return true }
        let name = host.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false).first ?? ""
        if name.lowercased() == "localhost" { return true }
        var address = in_addr()
        return inet_pton(AF_INET, String(name), &address) == 1
    }
}
