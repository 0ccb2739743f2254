// A relay in miniature: feeds a ResponseTracker in pieces, and keeps what is left over as the tracker demands.

import Wire

/// What a caller of the tracker did with a reply.
struct RelayTranscript: Equatable {
    /// A run of passed bytes, or a reported packet with its event.
    enum Entry: Equatable {
        case body([UInt8])
        case packet(ResponseEvent, [UInt8])
    }

    var entries: [Entry] = []
    var isComplete = false
    var unread: [UInt8] = []
    var rowCount: UInt64 = 0
    var columnCount: UInt64 = 0
    var status: StatusFlags = []

    var events: [ResponseEvent] {
        entries.compactMap { if case .packet(let event, _) = $0 { event } else { nil } }
    }

    /// Everything relayed, in order.
    var relayed: [UInt8] {
        entries.flatMap { entry in
            switch entry {
            case .body(let bytes): bytes
            case .packet(_, let bytes): bytes
            }
        }
    }

    /// Runs a whole reply through a fresh tracker, one piece after the other.
    static func run(
        _ kind: ResponseKind, _ capabilities: Capabilities, pieces: [ArraySlice<UInt8>]
    ) throws -> RelayTranscript {
        var tracker = ResponseTracker()
        tracker.begin(kind, capabilities: capabilities)
        var transcript = RelayTranscript()
        for piece in pieces {
            transcript.unread += piece
            try transcript.drain(&tracker)
        }
        transcript.isComplete = tracker.isComplete
        transcript.rowCount = tracker.rowCount
        transcript.columnCount = tracker.columnCount
        transcript.status = tracker.status
        return transcript
    }

    private mutating func drain(_ tracker: inout ResponseTracker) throws {
        while true {
            let step = try unread.withUnsafeBytes { try tracker.advance($0) }
            precondition(step.passed >= 0 && step.packetLength >= 0)
            precondition(step.passed + step.packetLength <= unread.count, "the tracker went beyond its bytes")
            if step.passed > 0 {
                if case .body(let earlier) = entries.last {
                    entries[entries.count - 1] = .body(earlier + unread.prefix(step.passed))
                } else {
                    entries.append(.body(Array(unread.prefix(step.passed))))
                }
            }
            guard step.event != .needMoreBytes else {
                precondition(step.packetLength == 0)
                unread.removeFirst(step.passed)
                return
            }
            entries.append(.packet(step.event, Array(unread.dropFirst(step.passed).prefix(step.packetLength))))
            unread.removeFirst(step.passed + step.packetLength)
            // The file is one empty packet.
            if step.event == .localInfile { tracker.localInfileSent(behind: tracker.lastSequence &+ 1) }
        }
    }
}
