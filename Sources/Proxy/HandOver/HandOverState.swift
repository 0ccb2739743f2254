// How far a process is with giving its place to another.
//
//      serving ──begin──▶ starting ──started──▶ waiting ──commit──▶ given ──▶ (drains, exits)
//         ▲                   │                    │                   │
//         └──────fail─────────┴────────────────────┴───────────────────┘
//      abandon (SIGTERM), in every state but `given`: ──▶ ending, for good
internal import Dispatch
internal import Network
internal import Synchronization

/// The states, and who may go from one to the next. Any thread.
final class HandOverState: Sendable {
    private enum Phase {
        case serving
        case starting
        case waiting(Successor)
        case given(Successor)
        case ending
    }

    /// What the new process is started from; nil when that cannot be known.
    let program = ProgramStart.current()
    private let phase = Mutex(Phase.serving)
    private let attempts = DispatchGroup()

    /// Whether a new process has been started, or is about to be, or serves.
    var isUnderWay: Bool {
        phase.withLock { phase in
            switch phase {
            case .serving, .ending: false
            case .starting, .waiting, .given: true
            }
        }
    }

    /// Whether another process has the permission to serve.
    var isGiven: Bool {
        phase.withLock { if case .given = $0 { true } else { false } }
    }

    /// False when another hand-over is under way, or the process ends. After true, `attemptEnded` must follow.
    func begin() -> Bool {
        phase.withLock { phase in
            guard case .serving = phase else { return false }
            phase = .starting
            attempts.enter()
            return true
        }
    }

    /// False when the process is to end: then the new one is too.
    func started(_ successor: Successor) -> Bool {
        phase.withLock { phase in
            guard case .starting = phase else { return false }
            phase = .waiting(successor)
            return true
        }
    }

    /// From now on the other process serves. False when this one was told to end before.
    func commit() -> Bool {
        phase.withLock { phase in
            guard case .waiting(let successor) = phase else { return false }
            phase = .given(successor)
            return true
        }
    }

    /// This process goes on serving, unless it is to end.
    func fail() {
        phase.withLock { phase in
            if case .ending = phase { return }
            phase = .serving
        }
    }

    func attemptEnded() { attempts.leave() }

    /// The process is to end: a new one that does not serve yet ends with it, since whoever ends the service means both.
    /// Returns whether another one serves.
    func abandon() -> Bool {
        let (isGiven, successor) = phase.withLock { phase -> (Bool, Successor?) in
            switch phase {
            case .given: return (true, nil)
            case .waiting(let successor):
                phase = .ending
                return (false, successor)
            case .serving, .starting, .ending:
                phase = .ending
                return (false, nil)
            }
        }
        guard !isGiven else { return true }
        successor?.end()
        // One that is just being started would find itself alone otherwise, and serve.
        _ = attempts.wait(timeout: .now() + .milliseconds(HandOverLimits.abandonMilliseconds))
        return false
    }
}
