// The `compression` key of a listener.

extension YAMLValue {
    /// A list of algorithms, possibly empty.
    func compressionMethods() -> Set<CompressionMethod>? {
        guard let elements = list(of: "zstd, zlib") else { return nil }
        var methods: Set<CompressionMethod> = []
        for element in elements {
            guard let method = element.choice(CompressionMethod.self) else { return nil }
            methods.insert(method)
        }
        return methods
    }
}
