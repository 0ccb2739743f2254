// The list of figures: what Prometheus wants of names, and that the console's table leaves nothing out.

import Testing
import Topology

@testable import Admin
@testable import Frontend

@Suite struct FigureTests {
    @Test func `names are what Prometheus wants them to be`() {
        for figure in Figure.all {
            let name = figure.prometheusName
            #expect(name.hasPrefix("switchyard_") && !name.contains("*"), "\(name)")
            #expect(
                name.utf8.allSatisfy {
                    $0 == UInt8(ascii: "_") || (0x30...0x39).contains($0) || (0x61...0x7A).contains($0)
                })
            #expect(name.hasSuffix("_total") == (figure.kind == .counter), "\(name)")
            for word in ["milliseconds", "microseconds", "_ms", "_us", "minutes", "kilobytes"] {
                #expect(!name.contains(word), "\(name)")
            }
            #expect(figure.unit == .one || name.contains("seconds"), "\(name)")
            for suffix in ["_bucket", "_count", "_sum"] { #expect(!name.hasSuffix(suffix), "\(name)") }
            #expect(!figure.help.isEmpty && !figure.help.hasSuffix("."), "\(name)")
            #expect(Set(figure.labels).count == figure.labels.count)
        }
        #expect(Set(Figure.all.map(\.prometheusName)).count == Figure.all.count)
        #expect(Set(Figure.all.map(\.name)).count == Figure.all.count)
    }

    @Test func `each sample has a text for each label, and no two have the same`() {
        var source = ConsoleScene.source()
        source.laneFigures = { [LaneFigures(cluster: "main", lane: 0), LaneFigures(cluster: "main", lane: 1)] }
        source.encryptionFigures = {
            [EncryptionReading(.certificateExpiry, 1), EncryptionReading(.certificateExpiry, 2, cluster: "main")]
        }
        for reading in ConsoleSnapshots(source: source).figures(ConsoleServiceStatus()) {
            for sample in reading.samples {
                #expect(sample.labels.count == reading.figure.labels.count, "\(reading.figure.name)")
            }
            #expect(Set(reading.samples.map(\.labels)).count == reading.samples.count, "\(reading.figure.name)")
        }
    }

    @Test func `the table adds up nodes, and shows parts under names of their own`() throws {
        let table = ConsoleScene.table()
        table.entries[0].load.began()
        table.entries[1].load.began()
        table.entries[1].load.began()
        let executor = try ConsoleExecutor(source: ConsoleScene.source([ConsoleScene.cluster(table)]))
        func value(_ name: String) throws -> [[ConsoleValue]] {
            try executor.runAndWait("SELECT value, cluster, kind FROM metrics WHERE name = '\(name)'").rows
        }
        #expect(try value("reads_total") == [[3, "main", "counter"]])
        #expect(try value("pins_temporary_table_total") == [[0, "main", "counter"]])
        #expect(try value("replays_refused_too_large_total") == [[0, "main", "counter"]])
        #expect(try value("statement_latency_microseconds") == [])
        #expect(try value("memory_resident_bytes") == [[.null, .null, "gauge"]])
    }
}
