// The settings that a quickstart writes, and the ports it finds.

import Configuration
import Glibc
import Testing

@testable import Quickstart

@Suite struct DemoSettingsTests {
    @Test func `the text names one server and is valid`() throws {
        let demo = try DemoSettings(
            server: "127.0.0.1:23306", monitorUser: "monitor", monitorPassword: "pw", clientPort: 7001,
            consolePort: 7002, httpPort: 7003)
        let again = try Settings.parse(yaml: demo.yaml, file: "copy", directory: "/", environment: [:])
        #expect(again == demo.settings)
        #expect(again.clusters.map(\.nodes.count) == [1])
        #expect(again.listeners.map(\.bind) == [.host("127.0.0.1", port: 7001)])
        #expect(again.console?.bind == .host("127.0.0.1", port: 7002))
        #expect(again.http?.bind == .host("127.0.0.1", port: 7003) && again.http?.users.count == 1)
        #expect(again.users == nil, "accounts are mirrored")
    }

    @Test func `a port in use is passed over`() throws {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        try withUnsafeMutablePointer(to: &address) { address in
            try address.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                try #require(bind(descriptor, $0, length) == 0 && listen(descriptor, 1) == 0)
                try #require(getsockname(descriptor, $0, &length) == 0)
            }
        }
        let taken = UInt16(bigEndian: address.sin_port)
        let found = try #require(firstFreePort(from: taken))
        #expect(found > taken)
        #expect(try #require(firstFreePort(from: taken, except: [found])) > found)
    }

    @Test func `a missing server is told with the command that installs it`() {
        let error = QuickstartError.serverMissing("neither mariadbd nor mysqld is in PATH")
        #expect("\(error)".contains("apt-get install -y mariadb-server"))
        #expect("\(error)".contains("neither mariadbd nor mysqld"))
    }
}
