// Accounts of the console and of HTTP that may only ask.

import Testing

@testable import Configuration

@Suite struct ConsoleRoleTests {
    private func text(_ account: String) -> String {
        minimalText + "console: {bind: localhost, users: [{name: admin, password: x}, {\(account)}]}\n"
    }

    @Test func `an account is an admin unless it says otherwise`() throws {
        let users = try #require(try parse(text("name: viewer, password: y, role: read_only")).console?.users)
        #expect(users.map(\.role) == [.admin, .readOnly])
        let http = "http: {bind: 127.0.0.1, users: [{name: a, password: x, role: read_only}, {name: b, password: y}]}\n"
        #expect(try parse(minimalText + http).http?.users.map(\.role) == [.readOnly, .admin])
    }

    @Test func `a role that there is not is a mistake, and so is one of a client`() {
        #expect(
            problems(text("name: viewer, password: y, role: readonly")) == [
                "s.yaml:7: console.users[1].role: expected one of 'admin' and 'read_only', found 'readonly'; "
                    + "did you mean 'read_only'?"
            ])
        let client = problems(minimalText + "users: [{name: a, password: x, role: admin}]\n")
        #expect(client.count == 1 && client[0].contains("users[0]: unknown key 'role'"), "\(client)")
    }

    @Test func `a role is listed and compared, and needs no restart`() throws {
        let old = try parse(text("name: viewer, password: y"))
        let new = try parse(text("name: viewer, password: y, role: read_only"))
        #expect(
            SettingsDifference.between(old, new) == [
                SettingChange(
                    path: "console.users[viewer].role", old: "admin", new: "read_only", requiresRestart: false)
            ])
        #expect(new.listed.contains(ListedSetting(path: "console.users[viewer].role", value: "read_only")))
    }
}
