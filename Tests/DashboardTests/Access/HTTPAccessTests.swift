// Who may ask.

import Foundation
import Security
import Testing

@testable import Dashboard
@testable import Frontend

@Suite struct HTTPAccessTests {
    private static let token = DashboardScene.token
    private static let hash = NativePassword.stage2(fromStage1: NativePassword.stage1(password: Array("hashed".utf8)))

    private func access(token: String? = token, hasUsers: Bool = true) -> HTTPAccess {
        let users = [
            HTTPUser(name: "clear", verifier: .password(SecretBytes("secret:with colon".utf8))),
            HTTPUser(name: "native", verifier: .native(stage2: Self.hash)),
            HTTPUser(name: "viewer", verifier: .password(SecretBytes("seen".utf8)), isReadOnly: true),
        ]
        return HTTPAccess(
            users: hasUsers ? users : [], token: token.map { SecretBytes($0.utf8) },
            throttle: LoginThrottle(
                LoginThrottleSettings(failures: 3, windowMilliseconds: 10_000, refusalMilliseconds: 5_000)))
    }

    private func request(_ authorization: String?, host: String? = nil) -> HTTPRequest {
        var headers: [HTTPRequest.Parameter] = []
        if let authorization { headers.append(HTTPRequest.Parameter(name: "authorization", value: authorization)) }
        if let host { headers.append(HTTPRequest.Parameter(name: "host", value: host)) }
        return HTTPRequest(method: "GET", path: "/metrics", headers: headers)
    }

    /// The user, or the status of the refusal.
    private func verdict(
        _ access: HTTPAccess, _ request: HTTPRequest, peer: String = "10.0.0.1", now: UInt64 = 0
    ) -> String {
        switch access.check(request, peerHost: peer, nowMilliseconds: now) {
        case .allowed(let user, let isReadOnly): user + (isReadOnly ? ", read only" : "")
        case .refused(let response): "\(response.status)"
        }
    }

    private static func basic(_ pair: String) -> String { "Basic " + Data(pair.utf8).base64EncodedString() }

    @Test func `a token or a password opens`() {
        let access = access()
        #expect(verdict(access, request("Bearer \(Self.token)")) == "token")
        #expect(verdict(access, request("bearer  \(Self.token)")) == "token")
        #expect(verdict(access, request(Self.basic("clear:secret:with colon"))) == "clear")
        #expect(verdict(access, request(Self.basic("native:hashed"))) == "native")
        #expect(verdict(access, request(Self.basic("viewer:seen"))) == "viewer, read only")
    }

    @Test(arguments: [
        "Bearer wrong", "Bearer ", "Bearer", "", "Basic", "Basic !!!", basic("clear"), basic("clear:"),
        basic("clear:secret"), basic("native:secret:with colon"), basic("nobody:secret:with colon"), basic(":"),
        "Digest \(token)", "Basic \(token)",
    ])
    func `nothing else does`(authorization: String) {
        #expect(verdict(access(), request(authorization)) == "401")
    }

    @Test func `without a token none opens, and the answer names what does`() {
        let access = access(token: nil)
        #expect(verdict(access, request("Bearer ")) == "401")
        #expect(verdict(access, request(nil)) == "401")
        guard case .refused(let response) = access.check(request(nil), peerHost: "h", nowMilliseconds: 0) else {
            Issue.record("it opens")
            return
        }
        #expect(response.headers == [.init(name: "WWW-Authenticate", value: "Basic realm=\"Switchyard\"")])
    }

    @Test func `an address that was wrong too often waits, also with the right token`() {
        let access = access()
        for _ in 0..<3 { #expect(verdict(access, request("Bearer wrong")) == "401") }
        #expect(verdict(access, request("Bearer \(Self.token)")) == "429")
        #expect(verdict(access, request("Bearer \(Self.token)"), peer: "10.0.0.2") == "token")
        #expect(verdict(access, request("Bearer \(Self.token)"), now: 6_000) == "token")
    }

    @Test func `to show nothing is no attempt`() {
        let access = access()
        for _ in 0..<10 { #expect(verdict(access, request(nil)) == "401") }
        #expect(verdict(access, request("Bearer \(Self.token)")) == "token")
    }

    @Test(arguments: [
        ("127.0.0.1:6308", true), ("[::1]:6308", true), ("localhost", true), ("LocalHost:80", true), ("10.0.0.1", true),
        ("evil.example", false), ("evil.example:6308", false), ("127.0.0.1.evil.example", false), ("", false),
        ("1.2.3", false),
    ])
    func `where nobody has to show who he is, no other site's name leads`(host: String, isAllowed: Bool) {
        let access = access(token: nil, hasUsers: false)
        #expect(verdict(access, request(nil, host: host)) == (isAllowed ? "http" : "421"))
    }

    @Test(arguments: ["", "f", "fo", "foo", "foob", "fooba", "foobar", "\u{0}\u{ff}ä"])
    func `base64 is read with and without padding`(text: String) {
        let encoded = Data(text.utf8).base64EncodedString()
        #expect(Base64.decode(encoded.utf8) == Array(text.utf8))
        #expect(Base64.decode(encoded.filter { $0 != "=" }.utf8) == Array(text.utf8))
    }

    @Test(arguments: ["A", "AA=A", "AA===", "AAA==", "A A", "AA-_", "="])
    func `what is not base64 is not read`(text: String) {
        #expect(Base64.decode(text.utf8) == nil)
    }
}
