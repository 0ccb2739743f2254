// The alert rules and the Grafana dashboard, against promtool and a real scrape.

import Foundation
import LocalCluster
import TestSupport
import Testing

extension Integration {
    @Suite struct MonitoringFilesTests {
        private static let folder = "\(OperationsFiles.top)/config/monitoring"
        private static let dashboard = "config/monitoring/grafana-dashboard.json"

        private func promtool(
            _ arguments: [String], input: String? = nil
        ) throws -> (end: ChildProgram.End, output: String) {
            try ChildProgram.run(try #require(ChildProgram.find("promtool")), arguments, input: input)
        }

        /// Every expression of the dashboard, without Grafana's variables.
        private func expressions() throws -> [String] {
            let data = Data(try OperationsFiles.text(Self.dashboard).utf8)
            let dashboard = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
            let panels = try #require(dashboard["panels"] as? [[String: Any]])
            let targets = panels.flatMap { $0["targets"] as? [[String: Any]] ?? [] }
            let annotations = part(dashboard, "annotations", "list") as? [[String: Any]] ?? []
            return (targets + annotations).compactMap { $0["expr"] as? String }
                .map { $0.replacing("$__rate_interval", with: "5m") }
        }

        @Test func `the rules are right, and fire when they should`() throws {
            let rules = try promtool(["check", "rules", "\(Self.folder)/alerts.yaml"])
            #expect(rules.end == .exit(0), "\(rules.output)")
            let tests = try promtool(["test", "rules", "\(Self.folder)/alerts.test.yaml"])
            #expect(tests.end == .exit(0), "\(tests.output)")
        }

        @Test func `every expression of the dashboard can be read by Prometheus`() throws {
            let expressions = try expressions()
            #expect(expressions.count > 30)
            let encoder = JSONEncoder()
            // `\/` is an escape of JSON's only.
            encoder.outputFormatting = .withoutEscapingSlashes
            let rules = try expressions.enumerated().map { index, expression in
                let text = String(decoding: try encoder.encode(expression), as: UTF8.self)
                return "      - {record: \"e:\(index)\", expr: \(text)}\n"
            }
            let folder = try ScratchFolder()
            defer { folder.remove() }
            let file = try folder.write(
                "rules.yaml", "groups:\n  - name: dashboard\n    rules:\n" + rules.joined())
            let run = try promtool(["check", "rules", file])
            #expect(run.end == .exit(0), "\(run.output)")
        }

        @Test func `a scrape is well formed, and has all that the dashboard and the rules ask for`() throws {
            let certificates = try TestCertificates()
            let port = LocalCluster.freePort()
            var options = Stage.Options {
                $0.cluster["tls"] = "{mode: preferred}"
                $0.lines.append("http: {bind: \"127.0.0.1:\(port)\"}")
            }
            options.cluster.replicas = 1
            options.cluster.extraServerOptions += [
                "--ssl-cert=\(certificates.certificate("server"))", "--ssl-key=\(certificates.key("server"))",
                "--ssl-ca=\(certificates.authority)",
            ]
            try withStage(options) { stage in
                try stage.connect().run("CREATE TABLE written (id INT)", "INSERT INTO written VALUES (1)", "SELECT 1")
                let scrape = try HTTPClient(port: port).get("/metrics").body
                let lint = try promtool(["check", "metrics"], input: scrape)
                #expect(lint.end == .exit(0) && lint.output.isEmpty, "\(lint.output)")
                var names: Set<String> = []
                for match in scrape.matches(of: #/(?m)^(switchyard_\w+)[{ ]/#) { names.insert(String(match.output.1)) }
                let files = try ["alerts.yaml", "alerts.test.yaml", "grafana-dashboard.json"].map {
                    try OperationsFiles.text("config/monitoring/\($0)")
                }
                for match in files.joined().matches(of: #/\bswitchyard_\w+/#) {
                    #expect(names.contains(String(match.output)), "\(match.output)")
                }
            }
        }
    }
}
