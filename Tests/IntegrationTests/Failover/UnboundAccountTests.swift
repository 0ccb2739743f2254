// Accounts that `read_only` does not bind: on a demoted node a server takes their writes, so only the gate keeps them off.

import LocalCluster
import TestSupport
import Testing

extension Integration {
    @Suite struct UnboundAccountTests {
        @Test func `a switchover leaves no write of an account with SUPER on the former primary`() throws {
            try withStage { stage in
                try stage.connect().run("CREATE TABLE strong (id INT PRIMARY KEY, server INT)")
                try stage.cluster.execute(
                    0,
                    "CREATE USER 'strong'@'%' IDENTIFIED BY 'strongpw'; GRANT ALL PRIVILEGES ON *.* TO 'strong'@'%'")
                try stage.cluster.waitUntilReplicated()
                let stop = Signal()
                let writers = (1...4).map { writer in
                    Background { () throws -> (acknowledged: [Int], errors: [String]) in
                        let session = try stage.connect {
                            $0.user = "strong"
                            $0.password = "strongpw"
                            $0.schema = "app"
                        }
                        var (id, acknowledged, errors) = (writer * 1_000_000, [Int](), [String]())
                        while !stop.isRaised {
                            id += 1
                            if let failure = session.error(of: "INSERT INTO strong VALUES (\(id), @@server_id)") {
                                errors.append("\(failure)")
                            } else {
                                acknowledged.append(id)
                            }
                        }
                        return (acknowledged, errors)
                    }
                }
                let count = { try Int(stage.cluster.execute(1, "SELECT COUNT(*) FROM app.strong")[0][0] ?? "") ?? 0 }
                try eventually("the load flows") { try count() > 50 }
                for target in [1, 2] {
                    try stage.cluster.promote(target)
                    let before = try count()
                    try eventually("writes arrive at the new primary") { try count() > before + 50 }
                }
                stop.raise()
                let written = try writers.map { try $0.value() }
                #expect(written.flatMap(\.errors) == [])
                try stage.cluster.waitUntilReplicated()
                let rows = try (0...2).map { try stage.cluster.execute($0, "SELECT id FROM app.strong ORDER BY id") }
                #expect(rows[0] == rows[2] && rows[1] == rows[2], "a node has writes that others do not have")
                let ids = Set(rows[2].compactMap { $0[0].flatMap { Int($0) } })
                #expect(ids.isSuperset(of: written.flatMap(\.acknowledged)))
                #expect(stage.proxy.log.contains("strong"), "nobody was warned of the account")
            }
        }
    }
}
