// Starting another program with sockets, and talking with it.
import Glibc
import Testing

@testable import Network

@Suite struct SuccessorTests {
    private static let patience = 20_000

    private func start(_ script: String, _ listeners: [(name: String, listener: Listener)] = []) throws -> Successor {
        let program = try #require(ProgramStart(arguments: ["/bin/sh", "-c", script], folder: "/", search: ""))
        return try Successor.start(program, listeners: listeners, omitting: ["HOME"])
    }

    private func listener() throws -> Listener {
        try Listener(try #require(SocketAddress(numericHost: "127.0.0.1", port: 0))) { descriptor, _ in
            close(descriptor)
        }
    }

    private func line(_ successor: Successor) throws -> String {
        guard case .line(let line) = successor.channel.hear(withinMilliseconds: Self.patience) else {
            throw InheritanceError("no line came")
        }
        return line
    }

    @Test func `the program is told of the sockets, and has no other descriptors`() throws {
        let (one, two) = (try listener(), try listener())
        defer {
            one.close()
            two.close()
        }
        let successor = try start(
            "exec >&3; echo \"$SWITCHYARD_HANDOVER\"; /bin/ls -m /proc/$$/fd; echo \"home $HOME\"",
            [("console", one), ("listener/a b", two)])
        defer { successor.end() }
        let told = try InheritedListeners(parsing: try line(successor))
        #expect(
            told
                == InheritedListeners(
                    control: 3,
                    items: [
                        .init(name: "console", descriptor: 4, address: "\(one.address)"),
                        .init(name: "listener/a b", descriptor: 5, address: "\(two.address)"),
                    ]))
        // By a program of its own: whoever looks has the directory open. And a shell keeps what a redirection covers.
        let descriptors = try line(successor).split { $0 == "," || $0 == " " }
        #expect(descriptors == ["0", "1", "2", "3", "4", "5"])
        #expect(try line(successor) == "home ")
    }

    @Test func `the program can be ended by signals that this one ignores`() throws {
        signal(SIGUSR2, SIG_IGN)
        let successor = try start("echo here >&3; kill -USR2 $$; echo still here >&3")
        #expect(try line(successor) == "here")
        #expect(successor.channel.hear(withinMilliseconds: Self.patience) == .closed)
        #expect(successor.waitForEnd(milliseconds: Self.patience) == "signal \(SIGUSR2) ended it")
    }

    @Test func `it hears what is said, and its exit code is known`() throws {
        let successor = try start("read word number <&3; echo \"$number $word\" >&3; exit 3")
        #expect(successor.channel.say("go 17"))
        #expect(try line(successor) == "17 go")
        #expect(successor.channel.hear(withinMilliseconds: Self.patience) == .closed)
        #expect(successor.waitForEnd(milliseconds: Self.patience) == "it ended with exit code 3")
        #expect(successor.end() == "it ended with exit code 3")
    }

    @Test func `one that says nothing is ended and reaped`() throws {
        let successor = try start("read word <&3")
        #expect(successor.channel.hear(withinMilliseconds: 1) == .timedOut)
        #expect(successor.waitForEnd(milliseconds: 0) == nil)
        #expect(successor.end() == "signal \(SIGKILL) ended it")
        #expect(waitpid(successor.pid, nil, WNOHANG) == -1)
        #expect(!successor.channel.say("go 1"))
    }

    @Test func `a program that is not there is an error that names it`() throws {
        let program = try #require(ProgramStart(arguments: ["/nowhere/at/all"], folder: "/", search: ""))
        let error = #expect(throws: SpawnError.self) { try Successor.start(program, listeners: []) }
        #expect(error?.description.contains("/nowhere/at/all") == true)
    }

    @Test func `a line without an end is not collected for ever`() throws {
        let (channel, other) = try #require(ControlChannel.pair())
        let peer = Peer(other)
        let writer = inBackground { peer.send([UInt8](repeating: 0x61, count: NetworkLimits.handOverLineBytes * 2)) }
        #expect(channel.hear(withinMilliseconds: Self.patience) == .closed)
        channel.end()
        _ = writer
    }

    @Test func `several lines at once are several arrivals`() throws {
        let (channel, other) = try #require(ControlChannel.pair())
        let peer = Peer(other)
        peer.send(Array("ready\nserving\nhal".utf8))
        #expect(channel.hear(withinMilliseconds: Self.patience) == .line("ready"))
        #expect(channel.hear(withinMilliseconds: Self.patience) == .line("serving"))
        #expect(channel.hear(withinMilliseconds: 1) == .timedOut)
        peer.close()
        #expect(channel.hear(withinMilliseconds: nil) == .closed)
    }
}

@Suite struct ProgramStartTests {
    private func path(_ first: String, folder: String = "/home/a", search: String = "") -> String? {
        ProgramStart(arguments: [first, "run"], folder: folder, search: search)?.path
    }

    @Test func `a path is taken as it was written, from where the process was started`() {
        #expect(path("/usr/bin/switchyard") == "/usr/bin/switchyard")
        #expect(path("./switchyard") == "/home/a/./switchyard")
        #expect(path("bin/switchyard") == "/home/a/bin/switchyard")
    }

    @Test func `a name is looked for in the folders of PATH`() {
        #expect(path("sh", search: "/nowhere:/bin:/usr/bin") == "/bin/sh")
        #expect(path("sh", folder: "/bin", search: ":/nowhere") == "/bin/sh")
        #expect(path("no such program", search: "/bin") == nil)
        #expect(path("") == nil)
    }

    @Test func `the words are those of before, behind the path`() {
        let start = ProgramStart(arguments: ["sh", "run", "--config", "a"], folder: "/", search: "/bin")
        #expect(start?.arguments == ["/bin/sh", "run", "--config", "a"])
        #expect(ProgramStart(arguments: [], folder: "/", search: "/bin") == nil)
    }
}
