// What a session knows of the statement at hand for its digest: found when it came, counted when it ended.

/// The statement at hand, whatever commands the proxy runs for it.
struct MeasuredStatement {
    /// Its digest, account and schema; 0 when nothing is measured.
    var key: UInt64 = 0
    /// Where that is in the lane's table.
    var place = 0
    var digest: UInt64 = 0
    /// Lane nanoseconds at which it came.
    var beganAt: UInt64 = 0
    /// Where it was sent last; nowhere yet.
    var ranAt = DigestPlace.proxy
    var rows: UInt64 = 0
    var affectedRows: UInt64 = 0
    var bytes: UInt64 = 0
    var failed = false
    /// The pins that it set, by bit.
    var pins: UInt32 = 0
    /// The trace context in its query attributes; nil for nearly all.
    var traceParent: String?

    func sample(nanoseconds: UInt64) -> DigestSample {
        DigestSample(
            microseconds: nanoseconds / 1_000, rows: rows, affectedRows: affectedRows, bytes: bytes, place: ranAt,
            failed: failed, pinned: pins != 0)
    }
}

/// Account and schema of a session as a hash, made anew when the session's state changes.
struct DigestScope {
    private var hash: UInt64 = 0
    private var revision: UInt64?

    /// The key of a digest in the lane's table.
    mutating func key(_ digest: UInt64, user: String, schema: [UInt8], revision: UInt64) -> UInt64 {
        if self.revision != revision {
            self.revision = revision
            hash = Self.hash(user.utf8, 0) ^ Self.hash(schema, 1)
        }
        let product = (digest ^ hash).multipliedFullWidth(by: 0x9E37_79B9_7F4A_7C15)
        let key = product.high ^ product.low
        // 0 stands for no entry.
        return key == 0 ? 1 : key
    }

    /// FNV-1a, mixed.
    private static func hash(_ bytes: some Sequence<UInt8>, _ salt: UInt64) -> UInt64 {
        var state = 0xCBF2_9CE4_8422_2325 ^ salt
        for byte in bytes { state = (state ^ UInt64(byte)) &* 0x0000_0100_0000_01B3 }
        let product = state.multipliedFullWidth(by: 0xD6E8_FEB8_6659_FD93)
        return product.high ^ product.low
    }
}
