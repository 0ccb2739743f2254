// Reads the one value of a small result set, for questions that the proxy asks itself.

extension TextResultSet {
    /// The value of a result set of one row and one column; nil for anything else, and for NULL.
    ///
    /// - Parameters:
    ///   - packets: the whole result set but for the packet that ends it.
    ///   - capabilities: those between proxy and server.
    package static func singleValue(
        in packets: UnsafeRawBufferPointer, capabilities: Capabilities
    ) -> [UInt8]? {
        var payloads: [UnsafeRawBufferPointer] = []
        var offset = 0
        while offset < packets.count {
            let rest = UnsafeRawBufferPointer(rebasing: packets[offset...])
            guard let header = PacketHeader(rest), header.frameLength <= rest.count, payloads.count < 4 else {
                return nil
            }
            payloads.append(UnsafeRawBufferPointer(rebasing: rest[PacketHeader.size..<header.frameLength]))
            offset += header.frameLength
        }
        guard let head = payloads.first, let last = payloads.last else { return nil }
        var count = ByteReader(head)
        guard (try? count.readLengthEncodedInteger()) == 1 else { return nil }
        let hasDefinition = count.remaining == 0 || (try? count.readUInt8()) != 0
        // Count, (definition), (EOF), row.
        guard payloads.count == (hasDefinition ? 3 : 2) + (capabilities.contains(.deprecateEOF) ? 0 : 1) else {
            return nil
        }
        var row = ByteReader(last)
        guard last.first != 0xFB, let value = try? row.readLengthEncodedBytes(), row.remaining == 0 else { return nil }
        return Array(value)
    }
}
