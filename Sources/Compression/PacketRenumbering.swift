// The numbers of packets inside of a server's frames, brought to what they would be without frames.
//
// Servers number the packets of a reply from the number of the command's last frame on, not of its last packet (seen on
// MySQL 9.7). Both are the same while each packet is sent in one frame. Where they are not, a client that is not
// compressed itself would see packets out of order.

/// Renumbers the packets of those replies that need it; does nothing for all others.
struct PacketRenumbering {
    /// What was sent for one reply.
    private struct Exchange {
        /// The number of the reply's first frame.
        var firstFrame: UInt8
        /// The number that the reply's first packet should have.
        var firstPacket: UInt8
    }

    /// The last exchange, if its frames and packets differ.
    private var current: Exchange?
    /// The one before, while its reply has not begun.
    private var awaited: Exchange?
    private var isActive = false
    /// The number of the reply's first packet; nil until it was seen.
    private var wanted: UInt8?
    private var offset: UInt8 = 0
    private var headerSeen = 0
    private var length = 0
    private var payloadRemaining = 0

    /// A command begins to be sent; the reply to the one before may still be to come.
    mutating func commandBegan() {
        if current != nil { awaited = current }
        current = nil
        // The reply before it is complete. Its frames may end where the next one's begin, so the numbers do not tell.
        if payloadRemaining == 0 && headerSeen == 0 { isActive = false }
    }

    /// A frame was sent: the next frame's number, and the number of the packet behind those sent so far.
    mutating func frameSent(nextFrame: UInt8, nextPacket: UInt8) {
        current = nextFrame == nextPacket ? nil : Exchange(firstFrame: nextFrame, firstPacket: nextPacket)
    }

    /// Whether a reply that is to come begins with this frame.
    func expects(_ number: UInt8) -> Bool { awaited?.firstFrame == number || current?.firstFrame == number }

    /// A frame of the server's begins. `continues`: its number is the one behind the frame before.
    mutating func frameReceived(_ number: UInt8, continues: Bool) {
        if let exchange = awaited, exchange.firstFrame == number {
            awaited = nil
            begin(exchange)
        } else if let exchange = current, exchange.firstFrame == number {
            current = nil
            begin(exchange)
        } else if !continues {
            isActive = false
        }
    }

    private mutating func begin(_ exchange: Exchange) {
        isActive = true
        wanted = exchange.firstPacket
        headerSeen = 0
        length = 0
        payloadRemaining = 0
    }

    /// Decoded bytes, which go on where the last ones ended.
    mutating func apply(to bytes: UnsafeMutableRawBufferPointer) {
        guard isActive else { return }
        var place = 0
        while place < bytes.count {
            if payloadRemaining > 0 {
                let step = min(payloadRemaining, bytes.count - place)
                payloadRemaining -= step
                place += step
                continue
            }
            if headerSeen < 3 {
                length |= Int(bytes[place]) << (8 * headerSeen)
                headerSeen += 1
            } else {
                if let first = wanted {
                    offset = first &- bytes[place]
                    wanted = nil
                }
                bytes[place] &+= offset
                payloadRemaining = length
                headerSeen = 0
                length = 0
            }
            place += 1
        }
    }
}
