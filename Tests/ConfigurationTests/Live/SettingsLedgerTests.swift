// Versions, what is pending, and what is refused.

import Glibc
import Testing

@testable import Configuration

@Suite struct SettingsLedgerTests {
    private let text = """
        clusters:
          - name: main
            nodes: [127.0.0.1:23306, {address: 10.0.0.2, name: replica1, weight: 50}]
            monitor: {user: monitor, password: monpw}
        listeners:
          - {name: main, bind: 127.0.0.1:6306, cluster: main}
        users:
          - {name: app, password_hash: "*0123456789012345678901234567890123456789"}
        limits: {clients: "${CLIENTS}", login_timeout: 5s}

        """

    private func ledger(_ yaml: String? = nil, file: String = "s.yaml") throws -> SettingsLedger {
        let document = SettingsDocument(
            yaml: yaml ?? text, file: file, directory: "/nonexistent", environment: ["CLIENTS": "77"])
        return SettingsLedger(try document.settings(), document: document, unixMilliseconds: 1) { $0 }
    }

    private func order(_ origin: SettingsOrigin) -> SettingsOrder {
        SettingsOrder(origin: origin, user: "admin@10.0.0.9", connectionID: 3, unixMilliseconds: 2)
    }

    private func set(_ path: String, _ value: SettingValue) throws -> SettingAssignment {
        SettingAssignment(path: try #require(SettingPath(path)), value: value)
    }

    private func refusal(_ work: () throws -> Void) -> String {
        do { try work() } catch { return "\(error)" }
        return ""
    }

    private func row(_ path: String, _ ledger: SettingsLedger) throws -> SettingRow {
        try #require(ledger.rows.first { $0.path == path })
    }

    @Test func `a place reads as it is written, also with brackets in a name`() {
        for text in ["lanes", "limits.clients", "clusters[main].nodes[[::1]:3306].weight", "users[a.b]"] {
            #expect(SettingPath(text)?.description == text)
        }
        for text in ["", "[main]", "a..b", "a[", "a[]", "a[b]c", ".a"] { #expect(SettingPath(text) == nil) }
    }

    @Test func `what is set is pending until it is applied, and then a version`() throws {
        var ledger = try ledger()
        let changes = try ledger.stage([
            try set("clusters[main].hold_timeout", .text("30s")), try set("log.level", .text("debug")),
        ])
        #expect(changes.map(\.path) == ["clusters[main].hold_timeout", "log.level"])
        #expect(ledger.current.number == 1)
        #expect(ledger.current.settings.clusters[0].holdTimeoutMilliseconds == 10_000)
        #expect(try row("clusters[main].hold_timeout", ledger).pending == "30s")
        ledger.accept(try ledger.applying(), order(.apply))
        #expect(ledger.current.number == 2)
        #expect(ledger.current.settings.clusters[0].holdTimeoutMilliseconds == 30_000)
        #expect(ledger.staged == [] && ledger.pending == [])
        let applied = try row("clusters[main].hold_timeout", ledger)
        #expect(applied.pending == nil && applied.source == .console && applied.version == 2)
        #expect(ledger.events.map(\.path) == ["clusters[main].hold_timeout", "log.level"])
        #expect(ledger.events.allSatisfy { $0.order.user == "admin@10.0.0.9" && $0.version == 2 })
    }

    @Test func `sources are told apart`() throws {
        let ledger = try ledger()
        #expect(try row("limits.clients", ledger).source == .environment)
        #expect(try row("limits.login_timeout", ledger).source == .file)
        #expect(try row("limits.idle_timeout", ledger).source == .standard)
        #expect(try row("users[app].password", ledger).source == .file)
        #expect(try row("clusters[main].nodes[127.0.0.1:23306].address", ledger).source == .file)
        #expect(try row("clusters[main].nodes[127.0.0.1:23306].weight", ledger).source == .standard)
        #expect(try row("clusters[main].nodes[replica1].weight", ledger).source == .file)
    }

    @Test func `a value that the file's reader refuses is refused with its key and a suggestion`() throws {
        var ledger = try ledger()
        #expect(
            refusal { _ = try ledger.stage([try set("limits.cleints", .text("5"))]) }
                == "console: limits: unknown key 'cleints'; did you mean 'clients'?")
        #expect(
            refusal { _ = try ledger.stage([try set("clusters[main].two_writable", .text("stpo"))]) }
                == "console: clusters[0].two_writable: expected one of 'keep' and 'stop', found 'stpo'; "
                + "did you mean 'stop'?")
        #expect(
            refusal { _ = try ledger.stage([try set("clusters[mian].hold_timeout", .text("1s"))]) }
                == "console: clusters[mian].hold_timeout: nothing is named 'mian' there; did you mean 'main'?")
        #expect(ledger.staged == [] && ledger.pending == [])
    }

    @Test func `what needs a restart is refused before it is accepted`() throws {
        var ledger = try ledger()
        #expect(
            refusal { _ = try ledger.stage([try set("lanes", .text("2"))]) }
                == "nothing was changed: lanes: auto → 2 needs a restart")
        #expect(
            refusal { _ = try ledger.stage([try set("clusters[main].nodes[replica1]", .nothing)]) }
                .hasSuffix("needs a restart, DRAIN NODE takes reads off a node until then"))
        #expect(ledger.staged == [])
    }

    @Test func `elements come, change and go by their names`() throws {
        var ledger = try ledger()
        _ = try ledger.stage([
            try set("clusters[main].nodes[127.0.0.1:23306].weight", .text("7")),
            try set("clusters[main].nodes[replica2]", .yaml("{address: 10.0.0.3, zone: b}")),
            try set("users[app].password", .text("{not: yaml} ${CLIENTS}")),
            try set("users[more].password", .text("yes")),
            try set("limits.login_timeout", .nothing),
        ])
        ledger.accept(try ledger.applying(), order(.apply))
        let settings = ledger.current.settings
        #expect(settings.clusters[0].nodes.map(\.weight) == [7, 50, 100])
        #expect(settings.clusters[0].nodes.map(\.displayName) == ["127.0.0.1:23306", "replica1", "replica2"])
        #expect(settings.users?.map(\.name) == ["app", "more"])
        #expect(settings.users?[0].credential == .password("{not: yaml} ${CLIENTS}"))
        #expect(settings.users?[1].credential == .password("yes"))
        #expect(settings.limits.loginTimeoutMilliseconds == 10_000)
        #expect(
            refusal { _ = try ledger.stage([try set("users[mroe]", .nothing)]) }
                == "users[mroe]: nothing is named 'mroe' there")
        _ = try ledger.stage([try set("users[more]", .nothing)])
        ledger.accept(try ledger.applying(), order(.apply))
        #expect(ledger.current.settings.users?.map(\.name) == ["app"])
    }

    @Test func `who may ask over HTTP changes while it is served, and where it is served does not`() throws {
        try withTemporaryFolder { folder in
            defer { remove("\(folder)/token") }
            try write("0123456789abcdef\n", to: "\(folder)/token")
            let http = "http: {bind: 127.0.0.1, token_file: token, users: [{name: ops, password: opspw}]}\n"
            let document = SettingsDocument(
                yaml: text + http, file: "s.yaml", directory: folder, environment: ["CLIENTS": "77"])
            var ledger = SettingsLedger(try document.settings(), document: document, unixMilliseconds: 1) { $0 }
            #expect(try row("http.token", ledger).source == .file)
            let changes = try ledger.stage([
                try set("http.token", .text("fedcba9876543210")),
                try set("http.users[late].password", .text("latepw")), try set("http.tls.mode", .text("required")),
            ])
            #expect(changes.map(\.path) == ["http.users[late]", "http.token", "http.tls.mode"])
            #expect(changes.allSatisfy { !$0.requiresRestart && !$0.new.contains("fedcba") })
            #expect(refusal { _ = try ledger.stage([try set("http.bind", .text("127.0.0.1:1"))]) }.contains("restart"))
            #expect(refusal { _ = try ledger.stage([try set("http", .nothing)]) }.contains("restart"))
        }
    }

    @Test func `no secret is told`() throws {
        var ledger = try ledger()
        let assignment = try set("users[app].password", .text("hunter2"))
        _ = try ledger.stage([assignment])
        var texts = ["\(assignment)", String(reflecting: assignment), "\(ledger.pending)", "\(ledger.rows)"]
        ledger.accept(try ledger.applying(), order(.apply))
        texts += ["\(ledger.events)", "\(ledger.rows)"]
        if let document = ledger.current.document { texts += ["\(document)", String(reflecting: document)] }
        #expect(texts.allSatisfy { !$0.contains("hunter2") && !$0.contains("monpw") })
        #expect(texts.contains { $0.contains("(changed)") })
    }

    @Test func `DEFAULT gives the file its word again`() throws {
        var ledger = try ledger()
        _ = try ledger.stage([try set("limits.login_timeout", .text("9s"))])
        ledger.accept(try ledger.applying(), order(.apply))
        #expect(ledger.overruled.map(\.new) == ["5s"])
        _ = try ledger.stage([try set("limits.login_timeout", .fromFile)])
        ledger.accept(try ledger.applying(), order(.apply))
        #expect(ledger.current.settings.limits.loginTimeoutMilliseconds == 5_000)
        #expect(ledger.overruled == [])
        #expect(try row("limits.login_timeout", ledger).source == .file)
    }

    @Test func `an earlier version can be gone back to while it is kept`() throws {
        var ledger = try ledger()
        for round in 1...SettingsLimits.versionsMaximum {
            _ = try ledger.stage([try set("limits.clients", .text("\(round)"))])
            ledger.accept(try ledger.applying(), order(.apply))
        }
        #expect(ledger.versions.count == SettingsLimits.versionsMaximum)
        #expect(ledger.current.number == SettingsLimits.versionsMaximum + 1)
        #expect(refusal { _ = try ledger.rollingBack(to: 1) }.hasPrefix("there is no version 1; those kept are 2, 3"))
        #expect(try ledger.difference(from: 3).map(\.new) == ["2"])
        ledger.accept(try ledger.rollingBack(to: 3), order(.rollback))
        #expect(ledger.current.settings.limits.clients == 2)
        #expect(ledger.current.number == SettingsLimits.versionsMaximum + 2)
        // What is set next is set beside what was in force then.
        _ = try ledger.stage([try set("limits.waiting_clients", .text("4"))])
        #expect(ledger.pending.map(\.path) == ["limits.waiting_clients"])
    }

    @Test func `a reload takes the file's changes and keeps what the console said`() throws {
        try withTemporaryFolder { folder in
            let path = "\(folder)/s.yaml"
            defer { remove(path) }
            try write(text, to: path)
            var ledger = try ledger(file: path)
            _ = try ledger.stage([try set("limits.login_timeout", .text("9s"))])
            ledger.accept(try ledger.applying(), order(.apply))
            try write(
                text.replacing("login_timeout: 5s", with: "login_timeout: 6s, idle_timeout: 1m"), to: path)
            let candidate = try ledger.reloading()
            #expect(candidate.changes.map(\.path) == ["limits.idle_timeout"])
            ledger.accept(candidate, order(.reload))
            #expect(ledger.current.settings.limits.loginTimeoutMilliseconds == 9_000)
            #expect(ledger.overruled.map(\.new) == ["6s"])
        }
    }

    @Test func `a bad file changes nothing and says why`() throws {
        try withTemporaryFolder { folder in
            let path = "\(folder)/s.yaml"
            defer { remove(path) }
            try write(text.replacing("password_hash", with: "pasword_hash"), to: path)
            var ledger = try ledger(file: path)
            do throws(SettingsRefusal) {
                _ = try ledger.reloading()
                Issue.record("accepted")
            } catch {
                #expect(
                    error.description.contains(
                        "\(path):8: users[0]: unknown key 'pasword_hash'; did you mean 'password_hash'?"))
                ledger.refuse(error, order(.signal))
            }
            #expect(ledger.current.number == 1)
            #expect(ledger.events.count == 1 && ledger.events[0].refusal?.contains("pasword_hash") == true)
        }
    }

    @Test(arguments: [
        "[&a x, *a]", "[x, &a [y], {? *a : z}]", "{k: &a v}", "{k:\t&a v}", "{? &a k : v}", "[!!str &a x]",
    ])
    func `a value cannot name what aliases would multiply`(value: String) throws {
        var ledger = try ledger()
        let refusal = refusal { _ = try ledger.stage([try set("zone_order", .yaml(value))]) }
        #expect(refusal.contains("an anchor of YAML"), "\(refusal)")
        #expect(ledger.staged == [])
    }

    @Test func `an ampersand in a text is no anchor`() throws {
        var ledger = try ledger()
        _ = try ledger.stage([
            try set("users", .yaml(#"[{name: "&a", password: 'x&y'}, {name: b&c, password: "*d"}]"#)),
            try set("users[d].password", .text("e &f")),
        ])
        ledger.accept(try ledger.applying(), order(.apply))
        #expect(ledger.current.settings.users?.map(\.name) == ["&a", "b&c", "d"])
        #expect(
            ledger.current.settings.users?.map(\.credential) == [.password("x&y"), .password("*d"), .password("e &f")])
    }

    @Test func `settings that come from no file cannot be changed`() throws {
        var ledger = SettingsLedger(try parse(minimalText), document: nil, unixMilliseconds: 1) { $0 }
        #expect(
            refusal { _ = try ledger.stage([try set("lanes", .text("2"))]) }
                == "these settings come from no file, and cannot be changed")
        #expect(ledger.rows.allSatisfy { $0.source == .standard })
    }

    @Test func `a large change is told in a bounded number of events`() throws {
        var ledger = try ledger()
        let users = (0..<500).map { "{name: u\($0), password: x}" }.joined(separator: ", ")
        _ = try ledger.stage([try set("users", .yaml("[\(users)]"))])
        ledger.accept(try ledger.applying(), order(.apply))
        #expect(ledger.events.count == SettingsLimits.eventsPerChangeMaximum)
        #expect(ledger.events.last?.path == "(402 more settings)")
    }
}
