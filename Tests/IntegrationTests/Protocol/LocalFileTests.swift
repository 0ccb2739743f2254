// LOAD DATA LOCAL INFILE in all the ways it can go wrong, directly and through the proxy.

import LocalCluster
import TestSupport
import Testing

extension Integration {
    @Suite(.stage(), .serialized) struct LocalFileTests {
        private func withFile(_ body: (String, Stage) throws -> Void) throws {
            let folder = try ScratchFolder()
            try body(try folder.write("numbers", (1...20_000).map { "\($0)\n" }.joined()), try Scene.stage)
        }

        @Test func `files between other statements of one text`() throws {
            try withFile { file, stage in
                let load = "LOAD DATA LOCAL INFILE '\(file)' INTO TABLE numbers"
                let missing = "LOAD DATA LOCAL INFILE '/nonexistent/file' INTO TABLE numbers"
                try expectSameAnswers(
                    stage.differential,
                    [
                        "CREATE OR REPLACE TABLE numbers (n INT, UNIQUE (n))",
                        .query("SELECT 1; \(load); SELECT COUNT(*), SUM(n) FROM numbers; SELECT 'behind'"),
                        // Known already: each is a warning.
                        .query("\(load); SELECT COUNT(*) FROM numbers; \(load); SELECT nonsense; SELECT 2"),
                        .query("DELETE FROM numbers; \(load)"), "SELECT COUNT(*) FROM numbers",
                        .query("SELECT 1; LOAD DATA LOCAL INFILE '\(file)' INTO TABLE missing; SELECT 2"), "SELECT 3",
                        .query("SELECT 1; \(missing); SELECT 2"), "SELECT 4", .query("BEGIN; \(load); ROLLBACK"),
                        "SELECT COUNT(*) FROM numbers", .prepared(load, [[]]),
                        .query("\(load) (@n) SET n = @n * 2"), "SELECT MAX(n) FROM numbers",
                    ])
                let shy = Differential(
                    direct: stage.direct().with { $0.allowsLocalInfile = false },
                    proxied: stage.login.with { $0.allowsLocalInfile = false })
                try expectSameAnswers(shy, [.query("SELECT 1; \(load); SELECT 2"), "SELECT 3"])
            }
        }

        @Test func `a server that takes no files says so in its own words`() throws {
            try withFile { file, stage in
                for node in stage.cluster.nodes {
                    try stage.cluster.execute(node.index, "SET GLOBAL local_infile = OFF")
                }
                defer {
                    for node in stage.cluster.nodes {
                        _ = try? stage.cluster.execute(node.index, "SET GLOBAL local_infile = ON")
                    }
                }
                let load = "LOAD DATA LOCAL INFILE '\(file)' INTO TABLE numbers"
                let program: [DifferentialStep] = [
                    "CREATE OR REPLACE TABLE numbers (n INT)", .query(load), "SELECT 1",
                    .query("SELECT 1; \(load); SELECT 2"), "SELECT COUNT(*) FROM numbers", .prepared(load, [[]]),
                    "SELECT 2",
                ]
                try expectSameAnswers(stage.differential, program)
                #expect(try stage.differential.directFailures(program).count >= 3)
            }
        }
    }
}
