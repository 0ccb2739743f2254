// Lends an array to the decoders, keeping their typed errors.

extension [UInt8] {
    /// `withUnsafeBytes` for bodies that throw `WireError`; the standard one would widen it to `any Error`.
    package func withWireBytes<Result>(
        _ body: (UnsafeRawBufferPointer) throws(WireError) -> Result
    ) throws(WireError) -> Result {
        try withUnsafeBufferPointer { (buffer) throws(WireError) in try body(UnsafeRawBufferPointer(buffer)) }
    }
}
