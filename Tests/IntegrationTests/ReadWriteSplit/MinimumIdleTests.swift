// Connections that idle on every usable node, whatever happens to the nodes.

import LocalCluster
import TestSupport
import Testing

extension Integration {
    @Suite struct MinimumIdleTests {
        private static let minimum = 3

        /// Waits until so many nodes have as many idle connections as they should, and no other has any.
        private func waitUntilFilled(_ stage: Stage, nodes: Int) throws {
            let console = try stage.console()
            try eventually("\(nodes) nodes have \(Self.minimum) idle connections each") {
                let full = try console.value("SELECT COUNT(*) FROM pools WHERE idle >= \(Self.minimum)")
                let any = try console.value("SELECT COUNT(*) FROM pools WHERE idle > 0")
                return full == "\(nodes)" && any == "\(nodes)"
            }
        }

        @Test func `each node has its idle connections, also after a restart and a promotion`() throws {
            let options = Stage.Options {
                $0.limits = ["minimum_idle_server_connections": "\(Self.minimum)", "idle_server_timeout": "500ms"]
                $0.lines = ["lanes: 1"]
            }
            try withStage(options) { stage in
                let session = try stage.connect()
                try session.run("CREATE TABLE filled (id INT PRIMARY KEY)")
                try waitUntilFilled(stage, nodes: 3)
                stage.cluster.kill(2)
                try waitUntilFilled(stage, nodes: 2)
                try stage.cluster.restart(2)
                try waitUntilFilled(stage, nodes: 3)
                try stage.cluster.promote(1)
                try eventually("the new primary is written to") {
                    session.error(of: "INSERT IGNORE INTO filled VALUES (1)") == nil
                }
                try waitUntilFilled(stage, nodes: 3)
                // What was opened ahead serves: nothing of an earlier role is left on it.
                for _ in 0..<5 { #expect(try stage.connect().value("SELECT COUNT(*) FROM filled FOR UPDATE") == "1") }
            }
        }
    }
}
