// The files in config/ are what people copy, so they must load and must tell the truth about defaults.

import Testing

@testable import Configuration

private let folder: String = {
    // Tests/ConfigurationTests/SampleFileTests.swift → the top of the repository.
    #filePath.split(separator: "/").dropLast(3).map { "/\($0)" }.joined() + "/config"
}()

@Suite struct SampleFileTests {
    @Test func `the minimal file loads and says what would run`() throws {
        let settings = try Settings.load(path: "\(folder)/minimal.yaml", environment: [:])
        #expect(
            settings.summary == [
                "cluster main: 127.0.0.1:23306, 127.0.0.1:23307; other nodes are discovered; monitor account 'monitor'; "
                    + "writes wait up to 10s for a primary; TLS disabled",
                "listener main: 127.0.0.1:6306, cluster main, mode split, TLS preferred with a self-made certificate",
                "users: 1 account from this file (app)",
                "console: 127.0.0.1:6307, users admin, TLS preferred with a self-made certificate",
                "http: 127.0.0.1:6308, open to everybody on this machine, no TLS",
                "limits: 10000 clients, 1000 connections per node, packets up to 1GiB",
                "lanes: one per processor",
                "log: info, human, slow statements 1s",
            ])
    }

    @Test func `the complete file shows the defaults and nothing but examples beside them`() throws {
        let complete = try Settings.load(path: "\(folder)/complete.yaml", environment: [:])
        let minimal = try Settings.load(path: "\(folder)/minimal.yaml", environment: [:])
        let differences = SettingsDifference.between(minimal, complete).map(\.path)
        #expect(
            differences == [
                "clusters[main].nodes[127.0.0.1:23307]", "clusters[main].nodes[replica1]",
                "listeners[main].server_version", "listeners[main].proxy_protocol", "users[app].plugin",
                "users[app].server_user", "users[app].server_password", "zone",
                "zone_order",
            ])
    }
}
