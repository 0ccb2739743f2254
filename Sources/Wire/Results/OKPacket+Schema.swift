// What servers tell of the schema when a login succeeds.

extension OKPacket {
    /// Adds the record that tells the default schema.
    package mutating func report(schema: [UInt8]) {
        var record = ByteWriter()
        record.writeLengthEncodedBytes(schema)
        var writer = ByteWriter()
        writer.writeBytes(sessionState)
        writer.writeUInt8(1)
        writer.writeLengthEncodedBytes(record.bytes)
        sessionState = writer.bytes
        status.insert(.sessionStateChanged)
    }
}
