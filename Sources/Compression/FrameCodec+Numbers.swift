// The numbers of frames. They count commands and replies together, as the packets' own numbers do.

extension FrameCodec {
    /// A client numbers each command from 0 and goes on from the last frame it saw when it answers a server's request
    /// for a file. Servers check exactly this.
    ///
    /// A server's reply goes on from the command's last frame. Replies to commands that were sent without waiting begin
    /// anew: at 1, as all of those are one frame long, or behind the frames of a long command.
    mutating func noteReceived(_ number: UInt8) throws(CompressionError) {
        let isDue =
            switch role {
            case .server: number == nextReceived || number == 0
            case .client: number == nextReceived || number == 1 || number == nextSent || renumbering.expects(number)
            }
        guard isDue else { throw .outOfOrder(expected: nextReceived, received: number) }
        if role == .client { renumbering.frameReceived(number, continues: number == nextReceived) }
        nextReceived = number &+ 1
        if role == .server { nextSent = number &+ 1 } else { packets.serverSpoke() }
    }

    /// The number of the frame that is sent next.
    mutating func numberToSend(begins start: PacketBoundaries.Start) -> UInt8 {
        if role == .client {
            switch start {
            case .command:
                nextSent = 0
                if !packets.isUnanswered { renumbering.commandBegan() }
            case .answer: nextSent = nextReceived
            case .continuation: break
            }
        }
        let number = nextSent
        nextSent = number &+ 1
        if role == .server {
            nextReceived = nextSent
        } else if !packets.isUnanswered {
            renumbering.frameSent(nextFrame: nextSent, nextPacket: packets.nextNumber)
        }
        return number
    }
}

/// Follows the packets in what is sent to a server, so that each command begins a frame of its own, with number 0.
/// A packet's header is never split between two calls.
struct PacketBoundaries {
    /// What the next bytes begin.
    enum Start {
        /// A command.
        case command
        /// The first packet of what a server asked for in the middle of a reply.
        case answer
        /// Something that was begun before.
        case continuation
    }

    private static let unanswered: ClosedRange<UInt8> = 0x18...0x19

    private var packetRemaining = 0
    private var continues = false
    private var answers = false
    /// The number of the packet behind the last one begun.
    private(set) var nextNumber: UInt8 = 0
    /// Whether the last command begun gets no reply: COM_STMT_SEND_LONG_DATA, COM_STMT_CLOSE. What is expected for it
    /// would be found in the middle of another's reply.
    private(set) var isUnanswered = false

    /// What `bytes` begin, and how many of them belong to it: up to the next command.
    mutating func next(_ bytes: UnsafeRawBufferPointer) -> (Start, count: Int) {
        var offset = 0
        var start = Start.continuation
        while offset < bytes.count {
            if packetRemaining > 0 {
                let step = min(packetRemaining, bytes.count - offset)
                packetRemaining -= step
                offset += step
                continue
            }
            // A header that this part cuts off begins the next part.
            guard bytes.count - offset >= 4 else { return (start, offset > 0 ? offset : bytes.count) }
            let length = Int(bytes[offset]) | Int(bytes[offset + 1]) << 8 | Int(bytes[offset + 2]) << 16
            let number = bytes[offset + 3]
            if !continues && number == 0 && !answers {
                if offset > 0 { return (start, offset) }
                start = .command
                isUnanswered = bytes.count > offset + 4 && Self.unanswered.contains(bytes[offset + 4])
            } else if !continues && !answers {
                if offset > 0 { return (start, offset) }
                start = .answer
                answers = true
            }
            continues = length == CompressionLimits.frameBytes
            packetRemaining = length
            nextNumber = number &+ 1
            offset += 4
        }
        return (start, offset)
    }

    /// The server sent something: an answer of ours is complete. Until then it goes on, also past packet number 255.
    mutating func serverSpoke() { answers = false }
}
