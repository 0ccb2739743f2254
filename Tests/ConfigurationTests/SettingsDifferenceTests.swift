// What a reload would change.

import Testing

@testable import Configuration

@Suite struct SettingsDifferenceTests {
    private func changes(_ old: String, _ new: String) throws -> [SettingChange] {
        SettingsDifference.between(try parse(old), try parse(new))
    }

    @Test func `the same settings have no difference, in whatever order and spelling`() throws {
        let one =
            minimalText + "users: [{name: a, password: x}, {name: b, password: y}]\nlimits: {login_timeout: 10s}\n"
        let two = minimalText + "users: [{name: b, password: y}, {name: a, password: x}]\nlog: {level: info}\n"
        #expect(try changes(one, two) == [])
    }

    @Test func `changed values are named with their place, old and new`() throws {
        let old = minimalText + "limits: {clients: 10}\n"
        let new =
            changed("[127.0.0.1:23306]", to: "[{address: 127.0.0.1:23306, weight: 5, zone: z}]")
            + "limits: {clients: 20, packet_size: 16MiB}\nlanes: 2\n"
        #expect(
            try changes(old, new) == [
                SettingChange(
                    path: "clusters[main].nodes[127.0.0.1:23306].weight", old: "100", new: "5", requiresRestart: false),
                SettingChange(
                    path: "clusters[main].nodes[127.0.0.1:23306].zone", old: "(none)", new: "z", requiresRestart: false),
                SettingChange(path: "limits.clients", old: "10", new: "20", requiresRestart: false),
                SettingChange(path: "limits.packet_size", old: "1GiB", new: "16MiB", requiresRestart: false),
                SettingChange(path: "lanes", old: "auto", new: "2", requiresRestart: true),
            ])
    }

    @Test func `a changed secret is only said to be changed`() throws {
        let old = minimalText + "users: [{name: app, password: hunter2}]\n"
        let new = changed("monpw", to: "hunter3") + "users: [{name: app, password: hunter3}]\n"
        #expect(
            try changes(old, new) == [
                SettingChange(
                    path: "clusters[main].monitor.password", old: "(hidden)", new: "(changed)", requiresRestart: false),
                SettingChange(path: "users[app].password", old: "(hidden)", new: "(changed)", requiresRestart: false),
            ])
    }

    @Test func `what comes and goes is one change`() throws {
        let old = minimalText + "users: [{name: app, password: x}]\nhttp: {bind: localhost}\n"
        let new =
            changed("[127.0.0.1:23306]", to: "[10.0.0.9]").replacing(
                "listeners:\n", with: "listeners:\n  - {name: second, bind: h, cluster: main}\n")
        #expect(
            try changes(old, new) == [
                SettingChange(
                    path: "clusters[main].nodes[127.0.0.1:23306]", old: "127.0.0.1:23306", new: "(none)",
                    requiresRestart: true),
                SettingChange(
                    path: "clusters[main].nodes[10.0.0.9:3306]", old: "(none)", new: "10.0.0.9:3306",
                    requiresRestart: false),
                SettingChange(path: "listeners[second]", old: "(none)", new: "h:6306", requiresRestart: false),
                SettingChange(
                    path: "users", old: "1 account", new: "mirrored from the primary", requiresRestart: false),
                SettingChange(path: "http", old: "localhost:6308", new: "(none)", requiresRestart: true),
            ])
    }

    @Test func `a change reads as a line`() {
        let change = SettingChange(path: "lanes", old: "auto", new: "2", requiresRestart: true)
        #expect(change.description == "lanes: auto → 2 (needs a restart)")
    }
}
