// What a process is told of the sockets that it inherits, and which of them become its listeners.
import Glibc
import Synchronization
import Testing

@testable import Network

@Suite struct InheritedListenersTests {
    private typealias Item = InheritedListeners.Item

    @Test func `names with any characters, and all kinds of addresses, are read as they were written`() throws {
        let inherited = InheritedListeners(
            control: 3,
            items: [
                Item(name: "listener/main", descriptor: 4, address: "127.0.0.1:6306"),
                Item(name: "listener/a =%@ü\n", descriptor: 5, address: "[::1]:6306"),
                Item(name: "console", descriptor: 6, address: "unix:/run/a b@c=d.sock"),
            ])
        #expect(inherited.text.hasPrefix("1 control=3 listener/main=4@127.0.0.1:6306 "))
        #expect(!inherited.text.contains("\n"))
        #expect(try InheritedListeners(parsing: inherited.text) == inherited)
    }

    @Test(arguments: [
        "", "2 control=3", "1", "1 main=4@127.0.0.1:1", "1 control=", "1 control=2", "1 control=x", "1 control=-1",
        "1 control=3 ", "1 control=3 main", "1 control=3 main=4", "1 control=3 main=@a", "1 control=3 =4@a",
        "1 control=3 main=1@a", "1 control=3 main=4@", "1 control=3 main=3@a", "1 control=3 a=4@a b=4@b",
        "1 control=3 %zz=4@a", "1 control=3 %4=4@a", "1 control=3 %ff=4@a", "1 control=3 main=99999999999@a",
    ])
    func `what no Switchyard wrote is an error that names the variable`(text: String) {
        let error = #expect(throws: InheritanceError.self) { try InheritedListeners(parsing: text) }
        #expect(error?.description.hasPrefix("SWITCHYARD_HANDOVER: ") == true)
    }

    @Test func `more sockets than there may be are refused`() {
        let most = NetworkLimits.handedListenersMaximum
        let words = (0...most).map { "a=\($0 + 4)@b" }
        #expect(throws: InheritanceError.self) {
            try InheritedListeners(parsing: "1 control=3 " + words.joined(separator: " "))
        }
        #expect(throws: Never.self) {
            try InheritedListeners(parsing: "1 control=3 " + words.dropLast().joined(separator: " "))
        }
    }

    @Test func `a socket is found by its address, whatever its listener was called, and only once`() throws {
        var inherited = InheritedListeners(
            control: 3,
            items: [
                Item(name: "listener/old", descriptor: 4, address: "127.0.0.1:6306"),
                Item(name: "http", descriptor: 5, address: "unix:/run/http.sock"),
            ])
        let address = try #require(SocketAddress(numericHost: "127.0.0.1", port: 6306))
        let other = try #require(SocketAddress(numericHost: "127.0.0.2", port: 6306))
        #expect(inherited.take(other, name: "listener/old") == nil)
        #expect(inherited.take(address, name: "listener/new") == 4)
        #expect(inherited.take(address, name: "listener/new") == nil)
        #expect(inherited.take(try #require(SocketAddress(unixPath: "/run/http.sock")), name: "http") == 5)
        #expect(inherited.items.isEmpty)
    }

    @Test func `a port that the kernel was to choose stays the one that it chose for the same listener`() throws {
        var inherited = InheritedListeners(
            control: 3,
            items: [
                Item(name: "listener/a", descriptor: 4, address: "127.0.0.1:40001"),
                Item(name: "listener/b", descriptor: 5, address: "127.0.0.1:40002"),
            ])
        let any = try #require(SocketAddress(numericHost: "127.0.0.1", port: 0))
        let elsewhere = try #require(SocketAddress(numericHost: "127.0.0.2", port: 0))
        #expect(inherited.take(elsewhere, name: "listener/b") == nil)
        #expect(inherited.take(any, name: "listener/c") == nil)
        #expect(inherited.take(any, name: "listener/b") == 5)
    }

    @Test func `the kernel tells the addresses, and no further program gets the sockets`() throws {
        let (listening, address) = loopbackListener()
        let (control, peer) = socketPair()
        defer {
            close(listening)
            close(control)
        }
        _ = fcntl(listening, F_SETFD, 0)
        let inherited = InheritedListeners(
            control: control, items: [Item(name: "console", descriptor: listening, address: "made up")])
        #expect(try inherited.checked().items.map(\.address) == ["\(address)"])
        #expect(fcntl(listening, F_GETFD) & FD_CLOEXEC != 0)
        #expect(fcntl(listening, F_GETFL) & O_NONBLOCK != 0)
        withExtendedLifetime(peer) {}
    }

    @Test func `a descriptor that is no listening socket is an error, and stays open`() throws {
        let (control, peer) = socketPair()
        let file = open("/dev/null", O_RDONLY)
        defer {
            close(control)
            close(file)
        }
        for wrong in [file, peer.descriptor] {
            let item = Item(name: "console", descriptor: wrong, address: "a")
            #expect(throws: InheritanceError.self) { try InheritedListeners(control: control, items: [item]).checked() }
            #expect(fcntl(wrong, F_GETFD) >= 0)
        }
        #expect(throws: InheritanceError.self) { try InheritedListeners(control: file, items: []).checked() }
    }

    @Test func `who waits in the queue of a socket is accepted by the one who inherits it`() async throws {
        let taken = Mutex<[Int32]>([])
        let wanted = try #require(SocketAddress(numericHost: "127.0.0.1", port: 0))
        let former = try Listener(wanted) { descriptor, _ in close(descriptor) }
        let client = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(client) }
        #expect(former.address.withKernelAddress { connect(client, $0, $1) } == 0)
        let copy = fcntl(former.descriptor, F_DUPFD_CLOEXEC, 3)
        let next = try Listener(former.address, inherited: copy) { descriptor, _ in
            taken.withLock { $0.append(descriptor) }
        }
        defer { next.close() }
        #expect(next.address == former.address)
        former.leave()
        next.start()
        for _ in 0..<5_000 where taken.withLock({ $0.isEmpty }) { try await Task.sleep(for: .milliseconds(2)) }
        #expect(taken.withLock { $0.count } == 1)
        taken.withLock { for descriptor in $0 { close(descriptor) } }
    }

    @Test func `a Unix path stays when its socket is handed over, and goes when nobody wants it`() throws {
        let path = "/tmp/switchyard-handover-\(getpid()).sock"
        defer { unlink(path) }
        let listener = try Listener(try #require(SocketAddress(unixPath: path))) { descriptor, _ in close(descriptor) }
        let copy = fcntl(listener.descriptor, F_DUPFD_CLOEXEC, 3)
        listener.leave()
        #expect(access(path, F_OK) == 0)
        var rest = InheritedListeners(
            control: 3, items: [Item(name: "listener/a", descriptor: copy, address: "unix:\(path)")])
        rest.closeRest()
        #expect(access(path, F_OK) != 0)
        #expect(fcntl(copy, F_GETFD) < 0)
        #expect(rest.items.isEmpty)
    }
}
