// The text of a scrape.

import Testing
import Topology

@testable import Admin
@testable import Dashboard

@Suite struct PrometheusTextTests {
    private func scrape(_ table: RoutingTable = DashboardScene.table()) throws -> [String] {
        let service = try DashboardScene.service(DashboardScene.source(DashboardScene.cluster(table)))
        let answer = try service.response("/metrics")
        #expect(answer.contentType == "text/plain; version=0.0.4; charset=utf-8")
        return String(decoding: answer.body, as: UTF8.self).split(separator: "\n").map(String.init)
    }

    @Test func `each figure has its help, its type and its samples`() throws {
        let lines = try scrape()
        let place = try #require(lines.firstIndex(of: "# TYPE switchyard_epoch gauge"))
        #expect(lines[place - 1] == "# HELP switchyard_epoch The number of the primary's reign.")
        #expect(lines[place + 1] == "switchyard_epoch{cluster=\"main\"} 7")
        #expect(lines.contains("switchyard_build_info{version=\"1.2.3\"} 1"))
        #expect(lines.contains("switchyard_clients 3"))
        #expect(lines.contains("switchyard_memory_resident_bytes 5000"))
        #expect(lines.contains("switchyard_node_lag_seconds{cluster=\"main\",node=\"db2\",role=\"replica\"} 1.5"))
        #expect(!lines.contains { $0.hasPrefix("switchyard_node_lag_seconds{cluster=\"main\",node=\"db1\"") })
        #expect(lines.contains("switchyard_held_seconds_total{cluster=\"main\"} 0"))
        #expect(lines.contains("switchyard_replays_refused_total{cluster=\"main\",reason=\"too_large\"} 0"))
        #expect(lines.contains("switchyard_memory_bytes{cluster=\"main\",purpose=\"client_buffers\"} 0"))
        #expect(
            lines.contains {
                $0.hasPrefix("switchyard_node_info{cluster=\"main\",node=\"db1\",role=\"primary\",state=\"online\",")
                    && $0.hasSuffix("server_version=\"10.11.6-\\\"MariaDB\\\"\"} 1")
            })
    }

    @Test func `a histogram counts up to its bounds`() throws {
        let table = DashboardScene.table()
        for microseconds in [50, 100, 100_000_000] as [UInt64] {
            table.entries[0].load.finished(latencyNanoseconds: microseconds * 1_000, isRead: false)
        }
        let labels = "cluster=\"main\",node=\"db1\",role=\"primary\",kind=\"write\""
        let name = "switchyard_statement_latency_seconds"
        let lines = try scrape(table).filter { $0.hasPrefix(name) && $0.contains(labels) }
        #expect(lines.first == "\(name)_bucket{\(labels),le=\"0.000064\"} 1")
        #expect(lines.dropFirst().first == "\(name)_bucket{\(labels),le=\"0.000128\"} 2")
        #expect(lines.contains("\(name)_bucket{\(labels),le=\"33.554432\"} 2"))
        #expect(lines.contains("\(name)_bucket{\(labels),le=\"+Inf\"} 3"))
        #expect(lines.last == "\(name)_count{\(labels)} 3")
    }

    @Test func `no line is told twice, and samples follow their type`() throws {
        var types: Set<String> = []
        var current = ""
        var samples: Set<String> = []
        for line in try scrape() {
            if line.hasPrefix("# TYPE ") {
                current = String(line.split(separator: " ")[2])
                #expect(types.insert(current).inserted, "\(line)")
            } else if !line.hasPrefix("#") {
                #expect(line.hasPrefix(current), "\(line)")
                let series = String(line[..<(line.lastIndex(of: " ") ?? line.endIndex)])
                #expect(samples.insert(series).inserted, "\(line)")
            }
        }
        #expect(types == Set(Figure.all.filter { !$0.name.hasPrefix("tls_") }.map(\.prometheusName)))
    }

    @Test(arguments: [
        (0, 1_000, "0"), (1_234, 1_000, "1.234"), (1_000, 1_000, "1"), (5, 1_000_000, "0.000005"),
        (-1_500, 1_000, "-1.5"),
        (7, 1, "7"), (120, 1_000, "0.12"),
    ])
    func `numbers are exact in base units`(number: Int64, base: Int64, expected: String) {
        #expect(PrometheusText.decimal(number, per: base) == expected)
    }
}
