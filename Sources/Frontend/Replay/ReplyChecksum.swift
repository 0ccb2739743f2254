// What a client saw of a reply, in 128 bits: two executions of a statement are the same to it when these are.
internal import CXxHash
internal import Wire

/// Rows and definitions are taken as they are, whatever the pieces they come in; of the packets that end results only
/// what says something about the data. Positions, session state and the words of errors differ between servers.
///
/// The numbers that an INSERT made are kept apart: they are the one thing that a second execution can be told to make equal.
final class ReplyChecksum {
    struct Value: Equatable {
        fileprivate let low: UInt64
        fileprivate let high: UInt64
    }

    private let state: OpaquePointer
    /// The insert id of the only result that had one; 0 when none had.
    private(set) var insertID: UInt64 = 0
    /// All of them in one number.
    private(set) var insertIDs: UInt64 = 0
    /// Results that had one.
    private(set) var insertIDCount = 0

    init() {
        guard let state = XXH3_createState() else { fatalError("no memory for a checksum") }
        self.state = state
        begin()
    }

    deinit { _ = XXH3_freeState(state) }

    /// A reply begins.
    func begin() {
        _ = XXH3_128bits_reset(state)
        insertID = 0
        insertIDs = 0
        insertIDCount = 0
    }

    /// Bytes of its rows and definitions came.
    func add(_ bytes: UnsafeRawBufferPointer) {
        guard let base = bytes.baseAddress, bytes.count > 0 else { return }
        _ = XXH3_128bits_update(state, base, bytes.count)
    }

    /// A result ended with this packet, whose payload is given.
    func addEnd(_ event: ResponseEvent, _ payload: UnsafeRawBufferPointer, _ capabilities: Capabilities) {
        switch event {
        case .ok, .endOfRows:
            guard let head = try? OKHead.parse(payload, capabilities: capabilities) else { return add(payload) }
            let follows: UInt64 = head.status.contains(.moreResultsExist) ? 1 : 0
            add(event == .ok ? 1 : 2, head.affectedRows, UInt64(head.warnings), follows)
            add(head.info)
            noteInsertID(head.lastInsertID)
        case .error: add(3, UInt64(ErrorPacket.code(of: payload) ?? 0), 0, 0)
        case .endOfDefinitions, .localInfile, .prepareOK, .needMoreBytes: break
        }
    }

    private func noteInsertID(_ id: UInt64) {
        guard id != 0 else { return }
        insertID = id
        insertIDCount += 1
        insertIDs = insertIDs &* 0x9E37_79B9_7F4A_7C15 &+ id
    }

    private func add(_ first: UInt64, _ second: UInt64, _ third: UInt64, _ fourth: UInt64) {
        var figures = (first, second, third, fourth)
        Swift.withUnsafeBytes(of: &figures) { add($0) }
    }

    /// What came since `begin`.
    var value: Value {
        let hash = XXH3_128bits_digest(state)
        return Value(low: hash.low64, high: hash.high64)
    }
}
