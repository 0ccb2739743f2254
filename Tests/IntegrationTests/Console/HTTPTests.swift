// The HTTP endpoint of a running proxy: scrapes, health, tables, events, and clients that mean no good.

import Foundation
import LocalCluster
import TestSupport
import Testing

extension Integration {
    @Suite struct HTTPTests {
        private static let token = "integration-test-token"
        private static let shown = "Authorization: Bearer \(token)"

        private func withHTTP(
            _ keys: String = "token: \(token)", replicas: Int = 0, _ body: (Stage, UInt16) throws -> Void
        ) throws {
            let port = LocalCluster.freePort()
            var options = Stage.Options { $0.lines.append("http: {bind: \"127.0.0.1:\(port)\", \(keys)}") }
            options.cluster.replicas = replicas
            try withStage(options) { try body($0, port) }
        }

        private func rows(_ client: HTTPClient, _ target: String) throws -> [[String: Any]] {
            let reply = try client.get("/api/v1/\(target)", [Self.shown])
            #expect(reply.status == 200, "\(target): \(reply.body)")
            let object = try JSONSerialization.jsonObject(with: Data(reply.body.utf8)) as? [String: Any]
            return try #require(object?["rows"] as? [[String: Any]])
        }

        @Test func `a scrape has what clients did, and the console the same figures`() throws {
            try withHTTP(replicas: 2) { stage, port in
                let session = try stage.connect()
                _ = try session.marker()
                try session.run("CREATE TABLE written (id INT)", "INSERT INTO written VALUES (1)")
                let client = try HTTPClient(port: port)
                let scrape = try client.get("/metrics", [Self.shown])
                #expect(scrape.status == 200)
                #expect(scrape.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8")
                let lines = scrape.body.split(separator: "\n")
                func sum(_ name: String, _ part: String = "") -> Double {
                    lines.filter { $0.hasPrefix("\(name){") && (part.isEmpty || $0.contains(part)) }
                        .compactMap { $0.split(separator: " ").last.flatMap { Double($0) } }.reduce(0, +)
                }
                #expect(sum("switchyard_statements_total") >= 3)
                #expect(sum("switchyard_writes_total", "role=\"primary\"") >= 2)
                #expect(sum("switchyard_reads_total", "role=\"replica\"") >= 1)
                #expect(sum("switchyard_statement_latency_seconds_count", "kind=\"write\"") >= 2)
                #expect(sum("switchyard_statement_latency_seconds_bucket", "le=\"+Inf\"") >= 3)
                #expect(sum("switchyard_epoch") == 1 && sum("switchyard_gate_open") == 1)
                #expect(sum("switchyard_node_online") == 3)
                // Every name of the console's table, but for the parts that are labels here.
                let names = Set(try stage.console().rows("SELECT name FROM metrics").compactMap { $0[0] })
                let labelled = ["pins_", "memory_", "replays_", "results_broken_"]
                for name in names where !labelled.contains(where: { name.hasPrefix($0) }) {
                    let shown = name.replacing("milliseconds", with: "seconds")
                        .replacing("microseconds", with: "seconds")
                    #expect(scrape.body.contains("# TYPE switchyard_\(shown) "), "\(name)")
                }
            }
        }

        @Test func `tables are rows in JSON, chosen by their columns`() throws {
            try withHTTP(replicas: 2) { stage, port in
                let session = try stage.connect()
                _ = try session.marker()
                let client = try HTTPClient(port: port)
                #expect(try rows(client, "routing_table").count == 3)
                let primaries = try rows(client, "routing_table?role=primary")
                #expect(primaries.map { $0["node"] as? String } == [stage.cluster.nodes[0].address])
                #expect(primaries[0]["epoch"] as? Int == 1)
                let own = try rows(client, "sessions?id=\(session.connectionID)")
                #expect(own.count == 1 && own[0]["user"] as? String == stage.cluster.appUser)
                for table in try stage.console().rows("SHOW TABLES").compactMap({ $0[0] }) {
                    _ = try rows(client, "\(table)?limit=5")
                }
            }
        }

        @Test func `health is told to everybody, and everything else to nobody without a token`() throws {
            try withHTTP { _, port in
                let client = try HTTPClient(port: port)
                #expect(try client.get("/healthz").status == 200)
                #expect(try client.get("/readyz").body == "ready\n")
                for path in ["/metrics", "/api/v1/sessions", "/api/v1/events", "/api/v1/openapi.json"] {
                    let reply = try client.get(path)
                    #expect(reply.status == 401 && reply.headers["www-authenticate"] != nil, "\(path)")
                }
                // The page asks for the token itself.
                #expect(try client.get("/").headers["content-security-policy"]?.contains("default-src 'none'") == true)
                #expect(try client.get("/metrics", ["Authorization: Bearer wrong"]).status == 401)
                #expect(try client.get("/metrics", [Self.shown]).status == 200)
                #expect(try client.send("HEAD", "/metrics", [Self.shown]).body == "")
                #expect(try client.get("/healthz").status == 200)
            }
        }

        @Test func `a proxy that drains is alive and not ready`() throws {
            try withHTTP { stage, port in
                let session = try stage.connect()
                try session.run("BEGIN", "CREATE TEMPORARY TABLE held (id INT)")
                let client = try HTTPClient(port: port)
                #expect(try client.get("/readyz").status == 200)
                stage.proxy.signal(SIGTERM)
                try eventually("it is not ready") { try client.get("/readyz").body == "not ready: draining\n" }
                #expect(try client.get("/healthz").status == 200)
                session.close()
                #expect(stage.proxy.waitForEnd() == .exit(0))
            }
        }

        @Test func `a proxy whose nodes are gone is not ready, and says why`() throws {
            let port = LocalCluster.freePort()
            let configuration = ProxyConfiguration(nodes: ["127.0.0.1:\(LocalCluster.freePort())"]).with {
                $0.lines.append("http: {bind: \"127.0.0.1:\(port)\"}")
            }
            let proxy = try ProxyProcess(configuration)
            defer { proxy.kill() }
            try eventually("it answers") { try HTTPClient(port: port).get("/healthz").status == 200 }
            let reply = try HTTPClient(port: port).get("/readyz")
            #expect(reply.status == 503 && reply.body.hasPrefix("not ready: no cluster can be used\ncluster main: "))
        }

        @Test func `events tell of a change and tick, and statements are run`() throws {
            try withHTTP(replicas: 2) { stage, port in
                let events = try HTTPClient(port: port)
                events.connection.send(
                    Array("GET /api/v1/events HTTP/1.1\r\nHost: 127.0.0.1\r\n\(Self.shown)\r\n\r\n".utf8))
                #expect(try events.reply().headers["content-type"] == "text/event-stream")
                let tick = try events.event("tick")
                #expect(tick.contains("\"statements_total\"") && tick.contains(stage.cluster.nodes[2].address))
                let client = try HTTPClient(port: port)
                let node = stage.cluster.nodes[1].address
                let drained = try client.send(
                    "POST", "/api/v1/statements", [Self.shown, "Content-Type: application/sql"],
                    body: "DRAIN NODE '\(node)'")
                #expect(drained.status == 200, "\(drained.body)")
                try eventually("the change is told") { try events.event("routing").contains(node) }
                let refused = try client.send("POST", "/api/v1/statements", [Self.shown], body: "SELECT 1")
                #expect(refused.status == 415)
            }
        }

        @Test func `with TLS nothing is said without it`() throws {
            let certificates = try TestCertificates()
            let (certificate, key) = (certificates.certificate("server"), certificates.key("server"))
            try withHTTP("tls: {certificate: \(certificate), key: \(key)}") { _, port in
                let openssl = try #require(ChildProgram.find("openssl"))
                let run = try ChildProgram.run(
                    openssl,
                    ["s_client", "-quiet", "-verify_return_error", "-CAfile", certificates.authority]
                        + ["-connect", "127.0.0.1:\(port)"],
                    input: "GET /readyz HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n")
                #expect(run.output.contains("HTTP/1.1 200 OK") && run.output.contains("ready"), "\(run.output)")
                let plain = try RawConnection(port: port)
                plain.send(Array("GET /readyz HTTP/1.1\r\nHost: h\r\n\r\n".utf8))
                plain.finishSending()
                var answer: [UInt8] = []
                while let byte = try plain.receive(1) { answer += byte }
                #expect(!String(decoding: answer, as: UTF8.self).contains("HTTP/1.1"))
            }
        }

        @Test func `another token counts at once, also for those who follow the events, and then TLS`() throws {
            try withHTTP { stage, port in
                let events = try HTTPClient(port: port)
                events.connection.send(
                    Array("GET /api/v1/events HTTP/1.1\r\nHost: 127.0.0.1\r\n\(Self.shown)\r\n\r\n".utf8))
                #expect(try events.reply().status == 200)
                let client = try HTTPClient(port: port)
                #expect(try client.get("/metrics", [Self.shown]).status == 200)
                let console = try stage.console()
                try console.run("SET http.token = 'another-token-of-the-test'", "APPLY")
                #expect(try client.get("/metrics", [Self.shown]).status == 401)
                let shown = "Authorization: Bearer another-token-of-the-test"
                #expect(try client.get("/metrics", [shown]).status == 200)
                try events.connection.waitForClose()
                #expect(!stage.proxy.log.contains("another-token-of-the-test"))

                #expect(console.error(of: "SET http.token = NULL, http.bind = '0.0.0.0:1'") != nil)
                #expect(console.error(of: "SET http.bind = '127.0.0.1:1'")?.text.contains("needs a restart") == true)
                try console.run("SET http.tls.mode = required", "APPLY")
                try eventually("nothing is said without TLS") {
                    (try? HTTPClient(port: port).get("/healthz")) == nil
                }
                // Who was there before goes on as he began.
                #expect(try client.get("/metrics", [shown]).status == 200)
                try console.run("ROLLBACK 1")
                try eventually("it is as it was") {
                    (try? HTTPClient(port: port).get("/metrics", [Self.shown]).status) == 200
                }
            }
        }

        @Test func `those who mean no good are answered, ended, and held up by nobody`() throws {
            try withHTTP { stage, port in
                let silent = try (0..<20).map { _ in try RawConnection(port: port) }
                for (garbage, status) in [
                    ("\u{16}\u{3}\u{1}\n", 400), ("GET / HTTP/1.1\r\n\r\n", 400),
                    ("GET / HTTP/9.9\r\nHost: h\r\n\r\n", 505),
                    ("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 9999999\r\n\r\n", 413),
                    ("GET / HTTP/1.1\r\nX: " + String(repeating: "x", count: 20_000), 431),
                ] {
                    let client = try HTTPClient(port: port)
                    client.connection.send(Array(garbage.utf8))
                    #expect(try client.reply().status == status)
                    try client.connection.waitForClose()
                }
                // One that never reads what it asked for.
                let deaf = try RawConnection(port: port)
                deaf.shrinkReceiveBuffer()
                let question = "GET /metrics HTTP/1.1\r\nHost: h\r\n\(Self.shown)\r\n\r\n"
                deaf.send(Array(String(repeating: question, count: 200).utf8))
                let client = try HTTPClient(port: port)
                for _ in 0..<20 { #expect(try client.get("/metrics", [Self.shown]).status == 200) }
                let session = try stage.connect()
                #expect(try session.marker() != nil)
                // As many as may: one more finds no place, and gets one when another is gone.
                let more = try (0..<64).map { _ in try RawConnection(port: port) }
                for connection in silent + more { connection.close() }
                try eventually("there is a place again") { try HTTPClient(port: port).get("/healthz").status == 200 }
            }
        }

        @Test func `wrong tokens are refused for a while, and logins of clients are not`() throws {
            let port = LocalCluster.freePort()
            var options = Stage.Options {
                $0.lines.append("http: {bind: \"127.0.0.1:\(port)\", token: \(Self.token)}")
                $0.limits["login_failures"] = "3"
            }
            options.cluster.replicas = 0
            try withStage(options) { stage in
                let client = try HTTPClient(port: port)
                for _ in 0..<3 { #expect(try client.get("/metrics", ["Authorization: Bearer x"]).status == 401) }
                let refused = try client.get("/metrics", [Self.shown])
                #expect(refused.status == 429 && refused.headers["retry-after"] != nil)
                #expect(try client.get("/readyz").status == 200)
                #expect(try stage.connect().marker() != nil)
            }
        }

        @Test func `an endpoint for other machines without a token is a mistake in the settings`() throws {
            let configuration = ProxyConfiguration(nodes: ["127.0.0.1:3306"]).with {
                $0.lines.append("http: {bind: \"0.0.0.0:6308\"}")
            }
            let proxy = try ProxyProcess(configuration)
            defer { proxy.kill() }
            #expect(proxy.waitForEnd() == .exit(1))
            #expect(proxy.log.contains("http.bind: ") && proxy.log.contains("'users' or 'token'"))
        }
    }
}
