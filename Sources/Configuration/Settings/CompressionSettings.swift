// How the protocol may be compressed, on either side.

/// An algorithm that the protocol knows.
package enum CompressionMethod: String, Sendable, CaseIterable {
    case zstd
    case zlib
}

/// How connections to nodes are compressed; a node that cannot do it is spoken to without.
package enum NodeCompression: String, Sendable, CaseIterable {
    case off
    case zlib
    case zstd
}

extension Set<CompressionMethod> {
    /// As the settings file spells it, in an order that does not change.
    var listed: String {
        let names = CompressionMethod.allCases.filter(contains).map(\.rawValue)
        return "[\(names.joined(separator: ", "))]"
    }
}
