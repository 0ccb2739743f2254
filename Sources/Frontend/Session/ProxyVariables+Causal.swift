// The variables of causal reads: how far reads look back, where the session is, and what it waits for.
internal import Network
internal import SQL
internal import Wire

extension ProxyVariable {
    static let causalReadsName = "switchyard_causal_reads"
    static let causalTimeoutName = "switchyard_causal_timeout"
    static let waitForName = "switchyard_wait_for"

    /// What the session's reads must have seen.
    static let causalReads = ProxyVariable(
        name: causalReadsName, kind: .text, read: { .text($0.causal.settings.mode.rawValue) },
        assign: { session, value throws(ProxyError) in
            let mode: CausalMode?
            switch value {
            case .text(let text): mode = CausalMode(rawValue: text.lowercased())
            case .standard: mode = session.causalDefaults.mode
            case .number, .null, .other: mode = nil
            }
            guard let mode else { throw .wrongValue(causalReadsName, value, "none, session or global") }
            return { session.causal.settings.mode = mode }
        })

    /// How long a read waits for a replica, in milliseconds.
    static let causalTimeout = ProxyVariable(
        name: causalTimeoutName, kind: .number,
        read: { .number(Int64(clamping: $0.causal.settings.timeoutMilliseconds)) },
        assign: { session, value throws(ProxyError) in
            let milliseconds: UInt64
            switch value {
            case .number(let number) where (0...Int64(FrontendLimits.causalTimeoutMilliseconds)).contains(number):
                milliseconds = UInt64(number)
            case .standard: milliseconds = session.causalDefaults.timeoutMilliseconds
            case .text, .number, .null, .other:
                throw .wrongValue(
                    causalTimeoutName, value, "milliseconds, up to \(FrontendLimits.causalTimeoutMilliseconds)")
            }
            return { session.causal.settings.timeoutMilliseconds = milliseconds }
        })

    /// The position of what the session wrote and saw; NULL after a write whose position no server told.
    static let position = ProxyVariable(
        name: "switchyard_position", kind: .text,
        read: { session in
            session.state.wroteWithoutPosition ? .null : .text(session.state.position?.description ?? "")
        })

    /// A position that the session's next reads cover too: another session's `@@switchyard_position`.
    static let waitFor = ProxyVariable(
        name: waitForName, kind: .text, read: { .text($0.causal.awaited?.description ?? "") },
        assign: { session, value throws(ProxyError) in
            switch value {
            case .standard, .text(""): return { session.causal.stopWaiting() }
            case .text(let text):
                guard text.utf8.count <= FrontendLimits.awaitedPositionBytes,
                    let position = try? Position.parse(text, flavor: session.positionFlavor), !position.isEmpty,
                    session.causal.mayWait(for: position)
                else { break }
                return { session.wait(for: position) }
            case .number, .null, .other: break
            }
            throw .wrongValue(waitForName, value, "a position as @@switchyard_position tells it")
        })
}

extension ProxySession {
    fileprivate func wait(for position: Position) {
        causal.wait(for: position, nowMilliseconds: lane.nowMilliseconds)
    }
}
