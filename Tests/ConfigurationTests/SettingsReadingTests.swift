// What accepted settings mean.

import Testing

@testable import Configuration

@Suite struct SettingsReadingTests {
    @Test func `a minimal file gets every default`() throws {
        let expected = Settings(
            clusters: [
                ClusterSettings(
                    name: "main", nodes: [NodeSettings(address: .host("127.0.0.1", port: 23306))],
                    monitor: MonitorSettings(user: "monitor", password: "monpw"))
            ],
            listeners: [ListenerSettings(name: "main", bind: .host("127.0.0.1", port: 6306), cluster: "main")])
        #expect(try parse(minimalText) == expected)
        #expect(expected.limits.packetBytes == 1_073_741_824)
        #expect(expected.limits.idleTimeoutMilliseconds == 28_800_000)
    }

    @Test func `every key of a cluster is read`() throws {
        let text = changed(
            "    nodes: [127.0.0.1:23306]\n",
            to: """
                    nodes:
                      - {address: db1, name: one, zone: gland, weight: 7}
                      - {address: "unix:/run/db2"}
                    discover: no
                    hold_timeout: 0
                    drain_timeout: 2m
                    max_lag: 1h
                    replay: off
                    replay_limit: 64KiB
                    replay_attempts: 7
                    retry_deadlocks: on
                    two_writable: stop
                    lossy_failover: hold
                    external_source: replica
                    majority: required
                    unseen_primary: keep
                    probe: {primary_interval: 100ms, replica_interval: 200, timeout: 3s}

                """)
        let cluster = try #require(try parse(text).clusters.first)
        #expect(
            cluster.nodes == [
                NodeSettings(address: .host("db1", port: 3306), name: "one", zone: "gland", weight: 7),
                NodeSettings(address: .unix(path: "/run/db2")),
            ])
        #expect(!cluster.discover)
        #expect(cluster.holdTimeoutMilliseconds == 0)
        #expect(cluster.drainTimeoutMilliseconds == 120_000)
        #expect(cluster.maxLagMilliseconds == 3_600_000)
        var replay = ReplaySettings()
        replay.isOn = false
        replay.limitBytes = 65_536
        replay.attempts = 7
        replay.retriesDeadlocks = true
        #expect(cluster.replay == replay)
        #expect(cluster.twoWritable == .stop)
        #expect(cluster.lossyFailover == .hold && cluster.externalSource == .replica)
        #expect(cluster.majority == .required && cluster.unseenPrimary == .keep)
        #expect(
            cluster.probe
                == ProbeSettings(
                    primaryIntervalMilliseconds: 100, replicaIntervalMilliseconds: 200, timeoutMilliseconds: 3_000))
    }

    @Test func `every key of limits, log and the top level is read`() throws {
        let settings = try parse(
            minimalText + """
                limits:
                  clients: 20_000
                  server_connections_per_node: 2
                  waiting_clients: 3
                  packet_size: 64KiB
                  login_timeout: 4s
                  idle_timeout: 5m
                  connect_timeout: 6ms
                  wait_timeout: 7
                  idle_server_connections: 8
                  server_connections: 12
                  server_connections_per_account: 13
                  minimum_idle_server_connections: 14
                  idle_server_timeout: 15s
                  server_connection_age: 16m
                  login_failures: 9
                  login_failure_window: 10s
                  login_refusal: 11s
                  login_trusted: ["10.0.%", localhost]
                  prepared_statements_per_node: 9
                log: {level: debug, format: json}
                lanes: 3
                zone: bern
                zone_order: [thun, gland]
                """)
        var limits = LimitSettings(
            clients: 20_000, serverConnectionsPerNode: 2, waitingClients: 3, packetBytes: 65_536,
            loginTimeoutMilliseconds: 4_000, idleTimeoutMilliseconds: 300_000, connectTimeoutMilliseconds: 6,
            poolIdlePerLane: 8, waitTimeoutMilliseconds: 7, preparedStatementsPerNode: 9)
        limits.clientsAreGiven = true
        limits.serverConnections = 12
        limits.serverConnectionsPerAccount = 13
        limits.minimumIdlePerLane = 14
        limits.idleServerTimeoutMilliseconds = 15_000
        limits.serverConnectionAgeMilliseconds = 960_000
        limits.loginFailures = 9
        limits.loginFailureWindowMilliseconds = 10_000
        limits.loginRefusalMilliseconds = 11_000
        limits.loginTrusted = ["10.0.%", "localhost"]
        #expect(settings.limits == limits)
        #expect(settings.log == LogSettings(level: .debug, format: .json))
        #expect(settings.lanes == 3)
        #expect(settings.zone == "bern")
        #expect(settings.zoneOrder == ["thun", "gland"])
    }

    @Test func `listeners, console and http have their own default ports`() throws {
        let settings = try parse(
            changed("bind: 127.0.0.1:6306,", to: "bind: 127.0.0.1, mode: replica,") + """
                console: {bind: localhost, users: [{name: admin, password: ""}]}
                http: {bind: "[::1]"}
                """)
        #expect(settings.listeners.first?.bind == .host("127.0.0.1", port: 6306))
        #expect(settings.listeners.first?.mode == .replica)
        #expect(settings.console?.bind == .host("localhost", port: 6307))
        #expect(settings.console?.users == [UserSettings(name: "admin", credential: .password(""))])
        #expect(settings.http?.bind == .host("::1", port: 6308))
    }

    @Test func `a listener says what its reads must have seen, and how long they wait for it`() throws {
        let usual = try #require(try parse(minimalText).listeners.first)
        #expect(usual.causalReads == .session && usual.causalTimeoutMilliseconds == 50)
        let text = changed("cluster: main", to: "cluster: main, causal_reads: global, causal_timeout: 1s")
        let listener = try #require(try parse(text).listeners.first)
        #expect(listener.causalReads == .global && listener.causalTimeoutMilliseconds == 1_000)
    }

    @Test func `a number may be a name, a password or a quoted number`() throws {
        let settings = try parse(minimalText + "users: [{name: 007, password: 0123}]\nlanes: \"2\"\n")
        #expect(settings.users == [UserSettings(name: "007", credential: .password("0123"))])
        #expect(settings.lanes == 2)
    }

    @Test func `a section without content keeps its defaults`() throws {
        let settings = try parse(minimalText + "limits:\nlog: ~\nlanes: auto\n")
        #expect(settings.limits == LimitSettings())
        #expect(settings.log == LogSettings())
        #expect(settings.lanes == nil)
    }

    @Test func `several listeners may let the system choose their port`() throws {
        let text = minimalText.replacing(":6306", with: ":0") + "http: {bind: 127.0.0.1:0}\n"
        #expect(try parse(text).http?.bind == .host("127.0.0.1", port: 0))
    }

    @Test func `a byte order mark and Windows line ends are accepted`() throws {
        #expect(try parse("\u{FEFF}" + minimalText.replacing("\n", with: "\r\n")) == parse(minimalText))
    }

    @Test func `slow statements are those of a time, or none`() throws {
        func log(_ keys: String) throws -> LogSettings { try parse(minimalText + "log: {\(keys)}\n").log }
        #expect(try log("level: info").slowQueryMilliseconds == 1_000)
        #expect(try log("slow_query: 250ms").slowQueryMilliseconds == 250)
        #expect(try log("slow_query: off, literals: true").slowQueryMilliseconds == nil)
        #expect(try log("literals: true").literals && !log("level: info").literals)
        for wrong in ["slow_query: 0", "slow_query: sometimes", "literals: maybe", "slow: 1s"] {
            #expect(!problems(minimalText + "log: {\(wrong)}\n").isEmpty, "\(wrong)")
        }
        let one = try parse(minimalText + "log: {slow_query: off}\n")
        let two = try parse(minimalText + "log: {literals: true}\n")
        #expect(SettingsDifference.between(one, two).map(\.path) == ["log.slow_query", "log.literals"])
    }
}
