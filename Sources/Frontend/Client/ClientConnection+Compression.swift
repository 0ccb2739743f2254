// Whether a client speaks in compressed frames.
internal import Wire

extension ClientConnection {
    /// Whether compression was agreed on.
    var isCompressed: Bool { !capabilities.isDisjoint(with: [.compress, .zstdCompression]) }
}
