// Where the console is, and as whom it is asked.

import Configuration
import Foundation
import MySQLClient
import Testing

@testable import CommandLineClient

@Suite struct ConsoleOptionsTests {
    private let variable = ConsoleOptions.passwordVariable

    private func settings(_ bind: NodeAddress = .host("10.0.0.1", port: 7000)) -> ConsoleSettings {
        ConsoleSettings(
            bind: bind,
            users: [
                UserSettings(name: "hashed", credential: .nativeHash("*" + String(repeating: "A", count: 40))),
                UserSettings(name: "admin", credential: .password("from the file")),
            ])
    }

    @Test func `nothing said means this machine's default`() throws {
        let target = try ConsoleOptions().target(environment: [:])
        #expect(target.place == .tcp(host: "127.0.0.1", port: 6307))
        #expect(target.user == "admin" && target.password == nil)
        #expect(!target.encryption.isRequired && !target.encryption.verifiesIdentity)
    }

    @Test func `the settings file has address and account, and options go before it`() throws {
        var options = ConsoleOptions()
        let byFile = try options.target(environment: [:], console: settings())
        #expect(byFile.place == .tcp(host: "10.0.0.1", port: 7000))
        #expect(byFile.user == "admin" && byFile.password == "from the file")
        options.host = "db.example"
        options.user = "hashed"
        let both = try options.target(environment: [:], console: settings())
        #expect(both.place == .tcp(host: "db.example", port: 7000))
        // The hash does not tell the password.
        #expect(both.user == "hashed" && both.password == nil)
    }

    @Test(arguments: [("0.0.0.0", "127.0.0.1"), ("::", "::1"), ("localhost", "localhost")])
    func `what stands for all addresses is asked at this machine's own`(bound: String, asked: String) throws {
        let target = try ConsoleOptions().target(environment: [:], console: settings(.host(bound, port: 1)))
        #expect(target.place == .tcp(host: asked, port: 1))
    }

    @Test func `a path is a Unix socket`() throws {
        var options = ConsoleOptions()
        #expect(
            try options.target(environment: [:], console: settings(.unix(path: "/run/c.sock"))).place
                == .unix(path: "/run/c.sock"))
        options.host = "/tmp/other.sock"
        #expect(try options.target(environment: [:]).place == .unix(path: "/tmp/other.sock"))
    }

    @Test func `the password is that of its file, then of the environment, then of the settings`() throws {
        let file = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
        try Data("in a file\r\nsecond line\n".utf8).write(to: file)
        defer { try? FileManager.default.removeItem(at: file) }
        var options = ConsoleOptions()
        let environment = [variable: "in the environment"]
        #expect(try options.target(environment: environment, console: settings()).password == "in the environment")
        options.passwordFile = file.path
        #expect(try options.target(environment: environment, console: settings()).password == "in a file")
        options.passwordFile = file.path + ".missing"
        let problem = #expect(throws: UsageProblem.self) { try options.target(environment: environment) }
        #expect(problem?.description.contains("--password-file") == true)
    }

    @Test func `an authority means that the certificate is checked`() throws {
        var options = ConsoleOptions()
        options.requiresTLS = true
        #expect(try options.target(environment: [:]).encryption.isRequired)
        options.authority = "/nowhere/ca.pem"
        #expect(throws: UsageProblem.self) { try options.target(environment: [:]) }
        options.authority = "/dev/null"
        #expect(try options.target(environment: [:]).encryption.verifiesIdentity)
    }

    @Test func `no description tells the password`() throws {
        let target = try ConsoleOptions().target(environment: [variable: "hunter2"])
        var dumped = ""
        dump(target, to: &dumped)
        for text in ["\(target)", String(reflecting: target), dumped] { #expect(!text.contains("hunter2"), "\(text)") }
    }
}
