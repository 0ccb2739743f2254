// A lane, a server whose every byte is written by the test, and a user that writes down what it hears.
import Glibc
import Security
import Synchronization
import Testing
import Topology
import Wire

@testable import Backend
@testable import Network

extension BackendAccount {
    /// An account of which SHA1(password) is known.
    init(user: String, stage1: [UInt8]) { self.init(user: user, secret: LoginSecret(nativeStage1: stage1)) }
}

extension Lane {
    static func started() -> Lane {
        let lane = Lane(number: 0)
        lane.start()
        return lane
    }

    func run<Result: Sendable>(_ work: @escaping @Sendable () -> Result) async -> Result {
        await withCheckedContinuation { continuation in
            post { continuation.resume(returning: work()) }
        }
    }

    /// Expects that `condition` comes to hold on the lane within ten seconds.
    func expectEventually(
        _ location: SourceLocation = #_sourceLocation, _ condition: @escaping @Sendable () -> Bool
    ) async {
        for _ in 0..<5_000 {
            if await run(condition) { return }
            try? await Task.sleep(for: .milliseconds(2))
        }
        Issue.record("it never holds on the lane", sourceLocation: location)
    }

    func expect(_ location: SourceLocation = #_sourceLocation, _ condition: @escaping @Sendable () -> Bool) async {
        if await !run(condition) { Issue.record("it does not hold on the lane", sourceLocation: location) }
    }
}

/// A socket of the scripted server: blocking, gives up after five seconds.
final class ScriptedPeer: Sendable {
    let descriptor: Int32
    init(_ descriptor: Int32) {
        self.descriptor = descriptor
        var limit = timeval(tv_sec: 5, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
    }
    deinit { close() }
    private let isOpen = Atomic<Bool>(true)
    func close() { if isOpen.exchange(false, ordering: .relaxed) { Glibc.close(descriptor) } }

    func send(_ bytes: [UInt8]) {
        var sent = 0
        while sent < bytes.count {
            let count = bytes.withUnsafeBytes {
                Glibc.send(descriptor, $0.baseAddress.map { $0 + sent }, bytes.count - sent, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { return }
            sent += count
        }
    }

    func receive(_ count: Int) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        var have = 0
        while have < count {
            let got = bytes.withUnsafeMutableBytes {
                recv(descriptor, $0.baseAddress.map { $0 + have }, count - have, 0)
            }
            guard got > 0 else { break }
            have += got
        }
        return Array(bytes[..<have])
    }

    /// The payload of the next packet; nil at the end of the stream.
    func packet() -> [UInt8]? {
        let header = receive(4)
        guard header.count == 4 else { return nil }
        return receive(Int(header[0]) | Int(header[1]) << 8 | Int(header[2]) << 16)
    }

    /// The next packet as a command: its code and its text.
    func command() -> (UInt8, String)? {
        guard let payload = packet(), let code = payload.first else { return nil }
        return (code, String(decoding: payload.dropFirst(), as: UTF8.self))
    }
}

func framed(_ sequence: UInt8, _ payload: [UInt8]) -> [UInt8] {
    var writer = ByteWriter()
    var sequence = sequence
    payload.withUnsafeBytes { writer.writePacket(sequence: &sequence, payload: $0) }
    return writer.bytes
}

let serverCapabilities: Capabilities = [
    .longPassword, .foundRows, .longFlag, .connectWithDB, .protocol41, .transactions, .secureConnection,
    .multiStatements,
    .multiResults, .pluginAuth, .connectAttrs, .pluginAuthLenencClientData, .sessionTrack, .deprecateEOF,
]
let salt = (1...20).map { UInt8($0) }

func greeting(_ capabilities: Capabilities = serverCapabilities, plugin: String = "mysql_native_password") -> [UInt8] {
    var writer = ByteWriter()
    InitialHandshake(
        serverVersion: "10.11.6-MariaDB", connectionID: 7, salt: salt, capabilities: capabilities, collation: 45,
        status: .autocommit, authPlugin: plugin
    ).encode(into: &writer)
    return writer.bytes
}

func okPayload(
    status: StatusFlags = .autocommit, header: UInt8 = 0, state: [UInt8] = [],
    capabilities: Capabilities = [.sessionTrack]
) -> [UInt8] {
    var writer = ByteWriter()
    OKPacket(header: header, status: state.isEmpty ? status : status.union(.sessionStateChanged), sessionState: state)
        .encode(into: &writer, capabilities: capabilities)
    return writer.bytes
}

func errorPayload(_ code: UInt16, _ message: String) -> [UInt8] {
    var writer = ByteWriter()
    ErrorPacket(code: code, sqlState: "HY000", message: message).encode(into: &writer)
    return writer.bytes
}

/// A listening socket on loopback whose connections the test answers by hand.
final class ScriptedServer: Sendable {
    let port: UInt16
    private let descriptor: Int32

    init() {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard let wanted = SocketAddress(numericHost: "127.0.0.1", port: 0) else { preconditionFailure() }
        precondition(wanted.withKernelAddress { bind(descriptor, $0, $1) } == 0)
        precondition(listen(descriptor, 64) == 0)
        var limit = timeval(tv_sec: 5, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        var bound = sockaddr_in()
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        withUnsafeMutablePointer(to: &bound) {
            _ = $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(descriptor, $0, &length) }
        }
        self.descriptor = descriptor
        port = UInt16(bigEndian: bound.sin_port)
    }

    deinit { close(descriptor) }

    func accept() -> ScriptedPeer { ScriptedPeer(Glibc.accept(descriptor, nil, nil)) }

    /// Whether nobody connects: the queue is empty now.
    var nobodyWaits: Bool {
        var poll = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        return Glibc.poll(&poll, 1, 0) == 0
    }

    /// Accepts a connection and lets it in. The tracking statement comes next.
    func acceptAndLogIn() -> ScriptedPeer {
        let peer = accept()
        peer.send(framed(0, greeting()))
        _ = peer.packet()
        peer.send(framed(2, okPayload()))
        return peer
    }

    func entry(_ index: Int = 0, host: String = "127.0.0.1", load: NodeLoad = NodeLoad()) -> RoutingEntry {
        let member = ClusterMember(
            id: NodeID(index: index), name: "node\(index)", address: .tcp(host: host, port: port), load: load)
        var entry = RoutingEntry(member: member, nowUnixMilliseconds: 0)
        entry.state = .online
        entry.flavor = .mariaDB
        return entry
    }
}

/// Writes down what it hears. Lane-confined.
final class RecordingUser: ServerConnectionUser, @unchecked Sendable {
    var events: [String] = []
    var relayed: [UInt8] = []
    var failures: [ServerFailure] = []
    var completed = 0
    var onReady: ((ServerConnection) -> Void)?
    var onCompleted: ((ServerConnection) -> Void)?
    var onReplied: ((ServerConnection) -> Void)?
    var replaces = false

    func serverReady(_ server: ServerConnection) {
        events.append("ready")
        onReady?(server)
    }
    func serverSynchronized(_ server: ServerConnection) { events.append("synchronized") }
    func serverChanged(_ server: ServerConnection, _ change: SessionStateChange) {
        if case .systemVariable(let name, let value) = change {
            events.append("\(String(decoding: name, as: UTF8.self))=\(String(decoding: value, as: UTF8.self))")
        }
    }
    func serverEnding(
        _ server: ServerConnection, _ event: ResponseEvent, _ packet: UnsafeMutableRawBufferPointer
    ) -> EndPacketUse {
        events.append("ending \(event)")
        return replaces ? .replace : .relay
    }
    func serverReplaces(_ server: ServerConnection, _ event: ResponseEvent, _ packet: UnsafeMutableRawBufferPointer) {
        events.append("replaces")
        relayed += Array("[replaced]".utf8)
    }
    func serverReplied(_ server: ServerConnection, _ bytes: UnsafeRawBufferPointer) {
        relayed += bytes
        onReplied?(server)
    }
    func serverCompleted(_ server: ServerConnection, rows: UInt64, status: StatusFlags) {
        events.append("completed")
        completed += 1
        onCompleted?(server)
    }
    func serverFailed(_ server: ServerConnection, _ failure: ServerFailure) { failures.append(failure) }
    func serverDrained(_ server: ServerConnection) { events.append("drained") }
}

/// Nodes that a pool had trouble with.
final class Troubles: Sendable {
    private let nodes = Mutex<[NodeID]>([])
    func note(_ node: NodeID) { nodes.withLock { $0.append(node) } }
    var count: Int { nodes.withLock { $0.count } }
}

/// A pool on a lane. Everything in it is touched on the lane only.
final class PoolScene: @unchecked Sendable {
    let lane = Lane.started()
    let server = ScriptedServer()
    let user = RecordingUser()
    let pool: ServerPool
    let troubles = Troubles()
    let load = NodeLoad()
    var connection: ServerConnection?
    var capacityCalls = 0
    var lastLimit: ConnectionLimit?
    private let serverVersion: String

    init(
        connectionsPerNode: Int = 10, idle: Int = 10, timeout: UInt64 = 5_000,
        budget: ConnectionBudget = ConnectionBudget(), serverVersion: String = "", minimumIdle: Int = 0
    ) {
        self.serverVersion = serverVersion
        let troubles = troubles
        var settings = PoolSettings(
            connectionsPerNode: connectionsPerNode, idleConnections: idle, connectTimeoutMilliseconds: timeout)
        settings.budget = budget
        settings.minimumIdleConnections = minimumIdle
        pool = ServerPool(
            lane: lane,
            settings: settings,
            resolver: Resolver(), attributes: [ConnectAttribute(key: "program_name", value: "test")],
            onTrouble: { troubles.note($0) })
        pool.setCapacityHandler { [weak self] _ in self?.capacityCalls += 1 }
    }

    static let account = BackendAccount(user: "app", stage1: [])
    static let traits = ConnectionTraits(capabilities: serverCapabilities.rawValue, collation: 45)

    /// Asks for a connection; what came of it in one word.
    func acquire(
        _ user: RecordingUser? = nil, account: BackendAccount = PoolScene.account, host: String = "127.0.0.1"
    ) async -> String {
        await lane.run { [self] in
            var entry = server.entry(host: host, load: load)
            entry.serverVersion = serverVersion
            switch pool.acquire(
                entry, epoch: 3, account: account, traits: Self.traits, isReadOnly: false, hasSchema: false,
                for: user ?? self.user)
            {
            case .connection(let made):
                connection = made
                return "connection"
            case .limitReached(let limit):
                lastLimit = limit
                return "limit"
            case .failed(let reason): return reason
            }
        }
    }

    /// A connection that is logged in, its tracker set up and confirmed.
    func ready() async -> ScriptedPeer {
        _ = await acquire()
        let peer = server.acceptAndLogIn()
        _ = peer.packet()
        peer.send(framed(1, okPayload()))
        await lane.expectEventually { [self] in connection?.isReady == true && connection?.isInSync == true }
        await lane.run { [self] in user.events = [] }
        return peer
    }

    func send(_ text: String, _ kind: ResponseKind = .query) async {
        let bytes = framed(0, [3] + Array(text.utf8))
        await lane.run { [self] in bytes.withUnsafeBytes { connection?.send($0, expecting: kind) } }
    }
}
