// What is refused, and the words for it.

import Testing

@testable import Configuration

@Suite struct ConfigurationErrorTests {
    @Test func `an unknown key names its line and the key that was meant`() {
        let text = """
            clusters:
              - name: main
                nodes:
                  - {address: 127.0.0.1:23306}
                  - adress: 127.0.0.1:23307
                    address: 127.0.0.1:23308
                monitor: {user: monitor, password: monpw}
            listeners:
              - {name: main, bind: 127.0.0.1:6306, cluster: main}
            """
        #expect(
            problems(text) == ["s.yaml:5: clusters[0].nodes[1]: unknown key 'adress'; did you mean 'address'?"])
    }

    @Test func `an unknown key that resembles nothing is answered with the known ones`() {
        #expect(
            problems(minimalText + "http: {bind: localhost, color: red}\n")
                == ["s.yaml:7: http: unknown key 'color'; known here: bind, users, token, token_file, tls"])
    }

    @Test func `all problems are reported, in the order of the file`() {
        let text = """
            listeners:
              - {name: main, bind: "127.0.0.1:99999", cluster: mian}
              - {name: main, bind: 127.0.0.1:6306, cluster: main, mode: spilt}
            clusters:
              - name: main
                nodes: []
                monitor: {user: monitor}
                hold_timeout: soon
                probe: {timeout: 1ms}
                max_lag: -1
            lanes: 0
            log: {level: [info]}
            """
        #expect(
            problems(text) == [
                "s.yaml:2: listeners[0].bind: not an address: the port must be a number from 0 to 65535",
                "s.yaml:2: listeners[0].cluster: no cluster is named 'mian'; did you mean 'main'?",
                "s.yaml:3: listeners[1].name: the listener 'main' is already named on line 2",
                "s.yaml:3: listeners[1].mode: expected one of 'split', 'primary' and 'replica', found 'spilt'; "
                    + "did you mean 'split'?",
                "s.yaml:6: clusters[0].nodes: at least one node is needed",
                "s.yaml:7: clusters[0].monitor: missing key 'password' or 'password_file'",
                "s.yaml:8: clusters[0].hold_timeout: expected a time such as 500ms, 10s, 5m or 8h, found 'soon'",
                "s.yaml:9: clusters[0].probe.timeout: must be from 10ms to 1h, found '1ms'",
                "s.yaml:10: clusters[0].max_lag: must be from 1ms to 24h, found '-1'",
                "s.yaml:11: lanes: must be from 1 to 1024, found '0'",
                "s.yaml:12: log.level: expected one of 'trace', 'debug', 'info', 'notice', 'warning', 'error' and "
                    + "'critical', found a list",
            ])
    }

    @Test(arguments: [
        (
            "clusters: []\nlisteners: []\n",
            [
                "s.yaml:1: clusters: at least one cluster is needed",
                "s.yaml:2: listeners: at least one listener is needed",
            ]
        ),
        ("zone: a\n", ["s.yaml:1: missing key 'clusters'", "s.yaml:1: missing key 'listeners'"]),
        ("", ["s.yaml: the file is empty"]),
        ("# nothing\n", ["s.yaml: the file is empty"]),
        (
            "- a\n",
            [
                "s.yaml:1: expected a mapping with 'clusters', 'listeners', 'users', 'console', 'http', 'limits', "
                    + "'log', 'lanes', 'zone', 'zone_order' and 'policies', found a list"
            ]
        ),
    ])
    func `something must run`(text: String, expected: [String]) {
        #expect(problems(text) == expected)
    }

    @Test func `a wrong kind of value says what was expected and what was found`() {
        #expect(
            problems(minimalText + "users: app\nlimits: {clients: many, packet_size: 1GB}\nconsole:\nhttp: {bind: }\n")
                == [
                    "s.yaml:7: users: expected a list of accounts, found a single value",
                    "s.yaml:8: limits.clients: expected a whole number, found 'many'",
                    "s.yaml:8: limits.packet_size: expected a size such as 64KiB, 16MiB or 1GiB, found '1GB'",
                    "s.yaml:9: console: missing key 'bind'",
                    "s.yaml:9: console: missing key 'users'",
                    "s.yaml:10: http.bind: expected an address such as 127.0.0.1:6308, found nothing",
                ])
    }

    @Test func `the order of zones names each once, and not the proxy's own`() {
        #expect(
            problems(minimalText + "zone: a\nzone_order: [b, a, b, \"c d\"]\n") == [
                "s.yaml:8: zone_order[1]: 'a' is the proxy's own zone, which always comes first",
                "s.yaml:8: zone_order[2]: the zone 'b' is already named on line 8",
                "s.yaml:8: zone_order[3]: a name has 1 to 64 letters, digits, '_', '-' or '.', found 'c d'",
            ])
        #expect(
            problems(minimalText + "zone_order: a\n") == [
                "s.yaml:7: zone_order: expected a list of zones, found a single value"
            ])
    }

    @Test func `a key that appears twice is refused`() {
        #expect(problems(minimalText + "zone: a\nzone: b\n") == ["s.yaml:7: duplicate key 'zone' in one mapping"])
    }

    @Test(arguments: [
        ("clusters:\n  - name: a\n   nodes: [b]\n", 3), ("a: {b: c\nd: e\n", 2), ("a: b: c\n", 1), ("a: \"x\n", 2),
        ("a: 1\n---\nb: 2\n", 2), ("a: 1\nb: \u{1}\n", 2), ("a:\n\tb: 1\n", 2),
        (String(repeating: "[", count: 100_000), 1),
    ])
    func `a syntax error names its line`(text: String, line: Int) {
        let found = problems(text)
        #expect(found.count == 1)
        #expect(found.first?.hasPrefix("s.yaml:\(line): not YAML: ") == true, "\(found)")
    }

    @Test func `a hash without quotes is explained`() {
        let found = problems(minimalText + "users: [{name: app, password_hash: *0123}]\n")
        #expect(found.count == 1)
        #expect(found.first?.hasPrefix("s.yaml:7: ") == true)
        #expect(found.first?.hasSuffix("put values with special characters, such as '*…', in quotes") == true)
        #expect(found.first?.contains("0123") == false)
    }

    @Test func `nodes may not repeat, not even in another cluster`() {
        let text = """
            clusters:
              - name: a
                nodes: [h1, {address: h2, name: x}, H1:3306, {address: h3, name: x}]
                monitor: {user: m, password: p}
              - name: b
                nodes: [h2]
                monitor: {user: m, password: p}
              - {name: a, nodes: [h9], monitor: {user: m, password: p}}
            listeners: [{name: l, bind: h, cluster: a}]
            """
        #expect(
            problems(text) == [
                "s.yaml:3: clusters[0].nodes[2]: the node 'h1:3306' is already named on line 3",
                "s.yaml:3: clusters[0].nodes[3].address: the node 'x' is already named on line 3",
                "s.yaml:6: clusters[1].nodes[0]: the node 'h2:3306' is already named on line 3",
                "s.yaml:8: clusters[2].name: the cluster 'a' is already named on line 2",
            ])
    }

    @Test(arguments: [
        ("127.0.0.1:6306", true), ("0.0.0.0:6306", true), ("[::]:6306", false), ("127.0.0.2:6306", false),
        ("127.0.0.1:6307", false),
    ])
    func `two listeners on one address are refused`(bind: String, isRefused: Bool) {
        let found = problems(minimalText + "console: {bind: \"\(bind)\", users: [{name: a, password: b}]}\n")
        #expect(
            found
                == (isRefused
                    ? ["s.yaml:7: console.bind: \(bind) overlaps with 127.0.0.1:6306, which is bound on line 6"] : []))
    }

    @Test func `a node needs a port that is not zero`() {
        #expect(
            problems(changed("127.0.0.1:23306", to: "127.0.0.1:0"))
                == ["s.yaml:3: clusters[0].nodes[0]: a server's port cannot be 0"])
    }

    @Test(arguments: ["", "a b", "a/b", "ä", String(repeating: "x", count: 65)])
    func `a name that the console could not write is refused`(name: String) {
        let found = problems(minimalText + "zone: \"\(name)\"\n")
        #expect(found == ["s.yaml:7: zone: a name has 1 to 64 letters, digits, '_', '-' or '.', found '\(name)'"])
    }

    @Test func `an error carries its place as data`() throws {
        let error = try #require(throws: ConfigurationErrors.self) { try parse(minimalText + "http: {bnid: h}\n") }
        #expect(
            error.errors == [
                ConfigurationError(
                    file: "switchyard.yaml", line: 7, column: 7, path: "http", message: "missing key 'bind'"),
                ConfigurationError(
                    file: "switchyard.yaml", line: 7, column: 8, path: "http", message: "unknown key 'bnid'",
                    suggestion: "did you mean 'bind'?"),
            ])
    }

    @Test func `a file that cannot be read is an error without a line`() {
        let error = #expect(throws: ConfigurationErrors.self) {
            try Settings.load(path: "/nonexistent/s.yaml", environment: [:])
        }
        #expect(error?.description == "/nonexistent/s.yaml: cannot read: No such file or directory")
    }

    @Test func `a thousand problems are cut to a hundred`() {
        let nodes = (0..<1_000).map { "bad:\($0 + 70_000)" }.joined(separator: ", ")
        #expect(problems(changed("127.0.0.1:23306", to: nodes)).count == ReadingContext.maximumProblems)
    }
}
