// Pages of other sites, and what they make browsers send.

import Testing

@testable import Admin
@testable import Dashboard

@Suite struct RequestOriginTests {
    private static let host = ("host", "db.example:6308")

    @Test(arguments: [
        ([], false), ([("origin", "https://db.example:6308")], false), ([("origin", "http://DB.example:6308")], false),
        ([("origin", "http://db.example")], true), ([("origin", "http://attacker.example")], true),
        ([("origin", "http://db.example:6308.attacker.example")], true), ([("origin", "null")], true),
        ([("sec-fetch-site", "same-origin")], false), ([("sec-fetch-site", "none")], false),
        ([("sec-fetch-site", "same-site")], true), ([("sec-fetch-site", "cross-site")], true),
        // Behind a proxy that asks under another name the browser's judgement still holds.
        ([("sec-fetch-site", "same-origin"), ("origin", "https://elsewhere.example")], false),
    ])
    func `a page of another origin is known`(headers: [(String, String)], isForeign: Bool) throws {
        let all = ([Self.host] + headers).map { HTTPRequest.Parameter(name: $0.0, value: $0.1) }
        let request = HTTPRequest(method: "POST", path: "/", headers: all)
        #expect(RequestOrigin.isForeign(request) == isForeign)
    }

    @Test func `a page of another origin ends no session, whatever the browser shows for it`() throws {
        let kills = Kills()
        let service = try DashboardScene.service(DashboardScene.source(kills: kills), token: DashboardScene.token)
        let shown = [
            Self.host, ("authorization", "Bearer \(DashboardScene.token)"), ("content-type", "application/sql"),
        ]
        func status(_ header: (String, String)) throws -> Int {
            try service.response("/api/v1/statements", method: "POST", headers: shown + [header], body: "KILL 9").status
        }
        #expect(try status(("origin", "http://attacker.example")) == 403)
        #expect(try status(("sec-fetch-site", "cross-site")) == 403)
        #expect(kills.all.isEmpty)
        // What would have to be asked first is not granted.
        let asked = try service.response("/api/v1/statements", method: "OPTIONS", headers: shown)
        #expect(asked.status == 405 && !asked.headers.contains { $0.name.hasPrefix("Access-Control") })
        #expect(try status(("origin", "http://db.example:6308")) == 200)
        #expect(kills.all.count == 1)
    }
}
