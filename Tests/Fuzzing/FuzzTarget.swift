// What is fuzzed: each target takes any bytes, and must neither trap nor contradict itself.

/// A target by its name on the command line.
enum FuzzTarget: String, CaseIterable {
    case clientHandshake = "client-handshake"
    case serverHandshake = "server-handshake"
    case packets
    case responses
    case sessionState = "session-state"
    case commandFrames = "command-frames"
    case clientLogin = "client-login"
    case serverLogin = "server-login"
    case commands
    case compressedFrames = "compressed-frames"
    case proxyHeader = "proxy-header"
    case statements
    case positions
    case settings
    case httpRequest = "http-request"

    /// Runs the target on exactly these bytes: the buffer ends where they end.
    func run(_ bytes: UnsafeRawBufferPointer) {
        switch self {
        case .clientHandshake: ClientHandshakeTarget.run(bytes)
        case .serverHandshake: ServerHandshakeTarget.run(bytes)
        case .packets: PacketsTarget.run(bytes)
        case .responses: ResponsesTarget.run(bytes)
        case .sessionState: SessionStateTarget.run(bytes)
        case .commandFrames: CommandFramesTarget.run(bytes)
        case .clientLogin: ClientLoginTarget.run(bytes)
        case .serverLogin: ServerLoginTarget.run(bytes)
        case .commands: CommandsTarget.run(bytes)
        case .compressedFrames: CompressedFramesTarget.run(bytes)
        case .proxyHeader: ProxyHeaderTarget.run(bytes)
        case .statements: StatementsTarget.run(bytes)
        case .positions: PositionsTarget.run(bytes)
        case .settings: SettingsTarget.run(bytes)
        case .httpRequest: HTTPRequestTarget.run(bytes)
        }
    }

    /// Inputs that reach far, from which the fuzzer begins.
    var seeds: [[UInt8]] {
        switch self {
        case .clientHandshake: ClientHandshakeTarget.seeds
        case .serverHandshake: ServerHandshakeTarget.seeds
        case .packets: PacketsTarget.seeds
        case .responses: ResponsesTarget.seeds
        case .sessionState: SessionStateTarget.seeds
        case .commandFrames: CommandFramesTarget.seeds
        case .clientLogin: ClientLoginTarget.seeds
        case .serverLogin: ServerLoginTarget.seeds
        case .commands: CommandsTarget.seeds
        case .compressedFrames: CompressedFramesTarget.seeds
        case .proxyHeader: ProxyHeaderTarget.seeds
        case .statements: StatementsTarget.seeds
        case .positions: PositionsTarget.seeds
        case .settings: SettingsTarget.seeds
        case .httpRequest: HTTPRequestTarget.seeds
        }
    }
}

/// Takes the choices of an input from its front; what is left is the input proper.
struct FuzzChoices {
    private(set) var rest: UnsafeRawBufferPointer

    init(_ bytes: UnsafeRawBufferPointer) { rest = bytes }

    /// The next byte, 0 behind the end.
    mutating func byte() -> UInt8 {
        guard let first = rest.first else { return 0 }
        rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst())
        return first
    }

    /// One of `values`.
    mutating func one<Value>(of values: [Value]) -> Value { values[Int(byte()) % values.count] }

    /// Up to `count` bytes.
    mutating func bytes(_ count: Int) -> UnsafeRawBufferPointer {
        let taken = UnsafeRawBufferPointer(rebasing: rest.prefix(count))
        rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst(count))
        return taken
    }
}

/// Splits an input into packets by a length byte before each, so that the fuzzer need not learn to count in 24 bits.
func forEachShortPacket(_ bytes: UnsafeRawBufferPointer, _ body: (UnsafeRawBufferPointer) -> Void) {
    var choices = FuzzChoices(bytes)
    while !choices.rest.isEmpty {
        let length = Int(choices.byte())
        body(choices.bytes(length))
    }
}

/// A packet as `forEachShortPacket` reads it.
func shortPacket(_ payload: [UInt8]) -> [UInt8] {
    [UInt8(min(payload.count, 255))] + payload.prefix(255)
}
