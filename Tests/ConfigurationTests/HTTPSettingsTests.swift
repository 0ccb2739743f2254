// What the settings say of the HTTP endpoint, and above all of who may ask.

import Glibc
import Testing

@testable import Configuration

@Suite struct HTTPSettingsTests {
    private static let token = "abcdefghijklmnop"

    private func http(_ keys: String) throws -> HTTPSettings {
        try #require(try parse(minimalText + "http: {\(keys)}\n").http)
    }

    @Test func `on this machine's own addresses nobody has to show who he is`() throws {
        for bind in ["127.0.0.1", "127.3.2.1:80", "\"[::1]\"", "localhost", "/run/switchyard.sock"] {
            let settings = try http("bind: \(bind)")
            #expect(!settings.hasAuthentication && settings.tls.mode == .disabled, "\(bind)")
        }
    }

    @Test(arguments: ["0.0.0.0", "\"[::]\"", "10.0.0.1:6308", "proxy.example", "127.example"])
    func `elsewhere somebody has to`(bind: String) throws {
        let found = problems(minimalText + "http: {bind: \(bind)}\n")
        #expect(found.count == 1 && found[0].contains("http.bind: ") && found[0].contains("'users' or 'token'"))
        #expect(try http("bind: \(bind), token: \(Self.token)").token == Self.token)
        let users = try http("bind: \(bind), users: [{name: prometheus, password: secret}]").users
        #expect(users == [UserSettings(name: "prometheus", credential: .password("secret"))])
    }

    @Test func `a token comes from a file as well, and cannot be short`() throws {
        try withTemporaryFolder { folder in
            try write("\(Self.token)\n", to: "\(folder)/token")
            let text = minimalText + "http: {bind: 127.0.0.1, token_file: token}\n"
            #expect(try parse(text, directory: folder).http?.token == Self.token)
            try write("", to: "\(folder)/token")
            #expect(problems(text, directory: folder) == ["s.yaml:7: http.token_file: the file 'token' is empty"])
            #expect(remove("\(folder)/token") == 0)
        }
        for bad in ["short", "\"with a space in it\"", String(repeating: "x", count: 1_025)] {
            let found = problems(minimalText + "http: {bind: 127.0.0.1, token: \(bad)}\n")
            #expect(found.count == 1 && found[0].contains("http.token: a token has 16 to 1024"), "\(found)")
        }
        let both = problems(minimalText + "http: {bind: 127.0.0.1, token: \(Self.token), token_file: x}\n")
        #expect(both == ["s.yaml:7: http: only one of 'token' and 'token_file' can be given"])
    }

    @Test func `TLS is on when anything is said of it, and cannot be left to clients`() throws {
        #expect(try http("bind: 127.0.0.1, tls: {minimum_version: 1.3}").tls.mode == .required)
        #expect(try http("bind: 127.0.0.1, tls: {mode: disabled}").tls.mode == .disabled)
        let found = problems(minimalText + "http: {bind: 127.0.0.1, tls: {mode: preferred}}\n")
        #expect(found == ["s.yaml:7: http.tls.mode: HTTP cannot leave it to clients: write required or disabled"])
    }

    @Test func `a plugin means nothing to HTTP`() {
        let found = problems(
            minimalText + "http: {bind: 127.0.0.1, users: [{name: a, password: b, plugin: ed25519}]}\n")
        #expect(found == ["s.yaml:7: http.users: HTTP knows no plugins: leave 'plugin' out"])
    }

    @Test func `neither token nor password shows`() throws {
        let text =
            minimalText + "http: {bind: 127.0.0.1, token: \(Self.token), users: [{name: a, password: hunter2}]}\n"
        let settings = try parse(text)
        var dumped = "\(settings) \(settings.summary) \(settings.listed)"
        dump(settings, to: &dumped)
        #expect(!dumped.contains(Self.token) && !dumped.contains("hunter2"))
        #expect(settings.summary.contains("http: 127.0.0.1:6308, with a token, users a, no TLS"))
        #expect(settings.listed.contains(ListedSetting(path: "http.token", value: "(hidden)")))
    }

    @Test func `another token is a change, and none is shown`() throws {
        let one = try parse(minimalText + "http: {bind: 127.0.0.1, token: \(Self.token)}\n")
        let two = try parse(minimalText + "http: {bind: 127.0.0.1, token: \(Self.token)2}\n")
        #expect(
            SettingsDifference.between(one, two) == [
                SettingChange(path: "http.token", old: "(hidden)", new: "(changed)", requiresRestart: false)
            ])
    }
}
