// What a service manager would receive, at sockets of our own.

import Glibc
import Testing

@testable import Telemetry

@Suite struct ServiceNotifierTests {
    /// A datagram socket as a service manager has it.
    private final class Manager {
        let descriptor: Int32
        let name: String

        init(abstract: Bool) throws {
            let unique = "switchyard-notify-\(getpid())-\(UInt32.random(in: 0 ... .max))"
            name = abstract ? "@\(unique)" : "/tmp/\(unique)"
            descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue), 0)
            let path = try #require(ServiceNotifier.address(name))
            var address = sockaddr_un()
            address.sun_family = sa_family_t(AF_UNIX)
            withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path) }
            let length = socklen_t(MemoryLayout<sa_family_t>.size + path.count)
            let result = withUnsafePointer(to: &address) {
                $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(descriptor, $0, length) }
            }
            try #require(result == 0)
        }

        deinit {
            close(descriptor)
            if name.hasPrefix("/") { unlink(name) }
        }

        func message() -> String {
            var bytes = [UInt8](repeating: 0, count: 4_096)
            let count = recv(descriptor, &bytes, bytes.count, Int32(MSG_DONTWAIT))
            return count < 0 ? "" : String(decoding: bytes[..<count], as: UTF8.self)
        }
    }

    @Test(arguments: [false, true])
    func `messages arrive at a path and at an abstract name`(abstract: Bool) throws {
        let manager = try Manager(abstract: abstract)
        let notifier = try #require(ServiceNotifier(environment: ["NOTIFY_SOCKET": manager.name]))
        #expect(notifier.tell(.ready, .status("3 clients")))
        #expect(manager.message() == "READY=1\nSTATUS=3 clients")
        notifier.tell(.reloading(monotonicMicroseconds: 17))
        #expect(manager.message() == "RELOADING=1\nMONOTONIC_USEC=17")
        notifier.tell(.stopping, .extendTimeout(microseconds: 5))
        #expect(manager.message() == "STOPPING=1\nEXTEND_TIMEOUT_USEC=5")
        notifier.tell(.watchdog)
        #expect(manager.message() == "WATCHDOG=1")
        notifier.tell(.mainProcess(42))
        #expect(manager.message() == "MAINPID=42")
    }

    @Test func `a status is one line of bounded length, cut between characters`() throws {
        #expect(ServiceNotification.status("a\nMAINPID=1\u{7F}").line == "STATUS=a MAINPID=1 ")
        let long = String(repeating: "ü", count: 1_000)
        let line = ServiceNotification.status("x" + long).line
        #expect(line == "STATUS=x" + String(repeating: "ü", count: 199))
    }

    @Test(arguments: ["", "relative", "/", "@", "vsock:2:1", "/" + String(repeating: "x", count: 107), "/a\0b"])
    func `what is no address is no manager`(name: String) {
        #expect(ServiceNotifier.address(name) == nil)
        #expect(ServiceNotifier(environment: ["NOTIFY_SOCKET": name]) == nil)
    }

    @Test func `the longest addresses fit`() {
        #expect(ServiceNotifier.address("/" + String(repeating: "x", count: 106))?.count == 108)
        #expect(ServiceNotifier.address("@" + String(repeating: "x", count: 107))?.count == 108)
    }

    @Test func `without a manager, or one that went, nothing is told and nothing breaks`() throws {
        #expect(ServiceNotifier(environment: [:]) == nil)
        #expect(ServiceNotifier(environment: ["NOTIFY_SOCKET": "/nonexistent/socket"]) == nil)
        var manager: Manager? = try Manager(abstract: false)
        let notifier = try #require(ServiceNotifier(environment: ["NOTIFY_SOCKET": manager?.name ?? ""]))
        manager = nil
        #expect(!notifier.tell(.ready))
    }

    @Test func `a watchdog counts for the process that it names`() {
        let time = ["WATCHDOG_USEC": "30000000"]
        #expect(ServiceNotifier.watchdogMicroseconds(time, process: 5) == 30_000_000)
        let named = time.merging(["WATCHDOG_PID": "5"]) { $1 }
        #expect(ServiceNotifier.watchdogMicroseconds(named, process: 5) == 30_000_000)
        #expect(ServiceNotifier.watchdogMicroseconds(named, process: 6) == nil)
        #expect(ServiceNotifier.watchdogMicroseconds(["WATCHDOG_USEC": "0"], process: 5) == nil)
        #expect(ServiceNotifier.watchdogMicroseconds(["WATCHDOG_USEC": "soon"], process: 5) == nil)
        #expect(named.filter { !ServiceNotifier.ownVariables.contains($0.key) } == time)
    }
}
