// Which request is answered by what.

import Dispatch
import Foundation
import Frontend
import Security
import Testing
import Topology

@testable import Admin
@testable import Dashboard

@Suite struct DashboardServiceTests {
    @Test func `the process is alive, and ready while something can be done`() throws {
        #expect(try DashboardScene.service().text("/healthz") == "alive\n")
        #expect(try DashboardScene.service().response("/readyz").status == 200)
        let readers = DashboardScene.source(DashboardScene.cluster(DashboardScene.table(isOpen: false)))
        #expect(try DashboardScene.service(readers).response("/readyz").status == 200)
        let nobody = DashboardScene.source(DashboardScene.cluster(DashboardScene.table(isOpen: false, reads: false)))
        let answer = try DashboardScene.service(nobody).response("/readyz")
        #expect(answer.status == 503)
        #expect(
            String(decoding: answer.body, as: UTF8.self)
                == "not ready: no cluster can be used\n"
                + "cluster main: no primary (nobody is writable), and no node takes reads\n")
        let draining = try DashboardScene.service(isDraining: true)
        #expect(try draining.response("/readyz").status == 503 && draining.text("/readyz") == "not ready: draining\n")
        #expect(try draining.response("/healthz").status == 200)
    }

    @Test func `rows are objects with values of their columns' types`() throws {
        let answer = try DashboardScene.service().json("/api/v1/sessions")
        let rows = try #require(answer["rows"] as? [[String: Any]])
        #expect(answer["table"] as? String == "sessions" && answer["count"] as? Int == 1)
        #expect(answer["truncated"] as? Bool == false)
        #expect(rows[0]["id"] as? Int == 9 && rows[0]["user"] as? String == "app" && rows[0]["schema"] is NSNull)
        #expect(rows[0]["statement"] as? String == "SELECT \"a\\\n\u{1}\"")
        let nodes = try #require(try DashboardScene.service().json("/api/v1/routing_table")["rows"] as? [[String: Any]])
        #expect(nodes.map { $0["since"] as? String } == Array(repeating: "2026-03-01T10:00:00.500000Z", count: 2))
        #expect(nodes[0]["lag_ms"] is NSNull && nodes[1]["lag_ms"] as? Int == 1_500)
    }

    @Test(arguments: [
        ("?role=replica", ["db2"]), ("?lag_ms=1500", ["db2"]), ("?lag_ms=", ["db1"]), ("?limit=1", ["db1"]),
        ("?since=2026-03-01T10:00:00.500000Z&limit=10000", ["db1", "db2"]), ("?role=replica&node=db1", []),
    ])
    func `rows are chosen by their columns`(query: String, expected: [String]) throws {
        let answer = try DashboardScene.service().json("/api/v1/routing_table\(query)")
        #expect((answer["rows"] as? [[String: Any]])?.map { $0["node"] as? String ?? "" } == expected)
        #expect(answer["truncated"] as? Bool == (query == "?limit=1"))
    }

    @Test(arguments: [
        ("?order_by=node", ["db1", "db2"]), ("?order_by=-node", ["db2", "db1"]), ("?order_by=lag_ms", ["db1", "db2"]),
        ("?order_by=-lag_ms&limit=1", ["db2"]), ("?order_by=-epoch", ["db2", "db1"]),
        ("?order_by=epoch", ["db1", "db2"]),
        ("?order_by=-node&role=primary", ["db1"]),
    ])
    func `rows come in the order that is asked for`(query: String, expected: [String]) throws {
        let answer = try DashboardScene.service().json("/api/v1/routing_table\(query)")
        #expect((answer["rows"] as? [[String: Any]])?.map { $0["node"] as? String ?? "" } == expected)
        #expect(answer["truncated"] as? Bool == query.contains("limit=1"))
    }

    @Test(arguments: [
        "?order_by=", "?order_by=-", "?order_by=nodes", "?nodes=x", "?limit=0", "?limit=10001", "?limit=many",
        "?epoch=seven",
    ])
    func `what cannot be chosen is refused`(query: String) throws {
        #expect(try DashboardScene.service().response("/api/v1/routing_table\(query)").status == 400)
    }

    @Test(arguments: [
        ("/dashboard", "GET", 404), ("/", "POST", 405), ("/api/v1/", "GET", 404), ("/api/v1/nothing", "GET", 404),
        ("/metrics/", "GET", 404),
        ("/metrics", "POST", 405), ("/readyz", "DELETE", 405), ("/api/v1/statements", "GET", 405),
        ("/metrics", "HEAD", 200), ("/api/v1/clusters", "HEAD", 200),
    ])
    func `what there is not says so`(path: String, method: String, status: Int) throws {
        #expect(try DashboardScene.service().response(path, method: method).status == status)
    }

    @Test func `statements are run for those who show who they are, in a type that no form sends`() throws {
        let kills = Kills()
        let source = DashboardScene.source(kills: kills)
        let type = ("content-type", "application/sql")
        let shown = ("authorization", "Bearer \(DashboardScene.token)")
        func status(_ service: DashboardService, _ headers: [(String, String)], _ text: String = "KILL 9") throws -> Int
        {
            try service.response("/api/v1/statements", method: "POST", headers: headers, body: text).status
        }
        #expect(try status(try DashboardScene.service(source), [type]) == 403)
        let closed = try DashboardScene.service(source, token: DashboardScene.token)
        #expect(try status(closed, [type]) == 401)
        #expect(try status(closed, [shown]) == 415)
        #expect(try status(closed, [shown, ("content-type", "text/plain")]) == 415)
        #expect(kills.all.isEmpty)
        #expect(try status(closed, [shown, type]) == 200)
        #expect(kills.all == ["token@10.9.9.9 kills 9"])
        #expect(try status(closed, [shown, type], "SELEC 1") == 400)
        let answer = try closed.response(
            "/api/v1/statements", method: "POST", headers: [shown, type], body: "SELECT 1 AS one, 'a' AS b, NULL AS c")
        #expect(
            String(decoding: answer.body, as: UTF8.self)
                == #"{"columns":[{"name":"one","type":"integer"},{"name":"b","type":"text"},{"name":"c","type":"text"}],"#
                + #""rows":[[1,"a",null]],"affected_rows":0}"#)
    }

    @Test func `who is read-only asks by statements, and changes nothing`() throws {
        let kills = Kills()
        let viewer = HTTPUser(name: "viewer", verifier: .password(SecretBytes("seen".utf8)), isReadOnly: true)
        let service = try DashboardScene.service(DashboardScene.source(kills: kills), users: [viewer])
        func answer(_ text: String) throws -> HTTPResponse {
            let shown = "Basic " + Data("viewer:seen".utf8).base64EncodedString()
            return try service.response(
                "/api/v1/statements", method: "POST",
                headers: [("authorization", shown), ("content-type", "application/sql")], body: text)
        }
        #expect(try answer("SELECT 1").status == 200)
        let denied = try answer("KILL 9")
        #expect(denied.status == 403)
        #expect(String(decoding: denied.body, as: UTF8.self).contains("\"code\":1227"))
        #expect(kills.all.isEmpty)
    }

    @Test func `other rules of who may ask count from the next request on`() throws {
        let service = try DashboardScene.service(token: DashboardScene.token)
        func status(_ token: String) throws -> Int {
            try service.response("/api/v1/clusters", headers: [("authorization", "Bearer \(token)")]).status
        }
        #expect(try status(DashboardScene.token) == 200)
        let throttle = LoginThrottle(
            LoginThrottleSettings(failures: 9, windowMilliseconds: 1, refusalMilliseconds: 1))
        service.adopt(HTTPAccess(users: [], token: SecretBytes("another token".utf8), throttle: throttle))
        #expect(try status(DashboardScene.token) == 401)
        #expect(try status("another token") == 200)
    }

    @Test func `an asset is served under its path`() throws {
        let source = DashboardScene.source()
        let throttle = LoginThrottle(
            LoginThrottleSettings(failures: 3, windowMilliseconds: 1, refusalMilliseconds: 1))
        let service = DashboardService(
            executor: try ConsoleExecutor(source: source),
            access: HTTPAccess(users: [], token: nil, throttle: throttle), clusters: [], isDraining: { false },
            assets: ["/": DashboardAsset(contentType: "text/html", body: Array("<p>".utf8), headers: [("A", "b")])])
        let answer = try service.response("/")
        #expect(answer.body == Array("<p>".utf8) && answer.headers == [HTTPRequest.Parameter(name: "A", value: "b")])
    }
}
