// `switchyard top`: looks again and again, draws, and connects again when the connection is lost.
internal import MySQLClient

/// The frames of a proxy's figures, on a terminal or one after the other.
package final class TopRun {
    private let target: ConsoleTarget
    private let interval: Int64
    private var order: TopOrder
    private var console: ConsoleConnection?
    private var snapshot: TopSnapshot?
    private var previous: TopSnapshot?
    private var failure: ConsoleFailure?

    /// - Parameter intervalSeconds: from look to look.
    package init(_ target: ConsoleTarget, intervalSeconds: Int, order: TopOrder) {
        self.target = target
        interval = Int64(intervalSeconds) * 1_000
        self.order = order
    }

    /// Draws on the terminal until somebody ends it; nil when there is none. A first look that fails ends it at once.
    package func runOnTerminal(complain: (String) -> Void) -> ClientExit? {
        look()
        if let failure, snapshot == nil {
            complain("\(failure)")
            return .cannotConnect
        }
        guard let terminal = Terminal() else { return nil }
        defer { terminal.leave() }
        var (isPaused, next) = (false, ClientHandle.monotonicMilliseconds() + interval)
        while true {
            draw(on: terminal, isPaused: isPaused)
            let now = ClientHandle.monotonicMilliseconds()
            switch terminal.wait(milliseconds: isPaused ? interval : next - now) {
            case .key(UInt8(ascii: "q")), .ended: return .success
            case .key(UInt8(ascii: "p")): isPaused.toggle()
            case .key(UInt8(ascii: "s")): order = order.next
            case .suspended: terminal.suspend()
            case .key, .resized, .timeout: break
            }
            if !isPaused && ClientHandle.monotonicMilliseconds() >= next {
                look()
                next = ClientHandle.monotonicMilliseconds() + interval
            }
        }
    }

    /// Writes frames one after the other, as wide as they need.
    ///
    /// - Parameters:
    ///   - iterations: so many frames; nil for no end.
    ///   - pause: waits so many milliseconds.
    /// - Returns: `cannotConnect` when the last look failed.
    package func runPlain(
        iterations: Int?, pause: (Int64) -> Void, write: (String) -> Void, complain: (String) -> Void
    ) -> ClientExit {
        var done = 0
        while true {
            look()
            if let failure {
                complain("\(failure)")
            } else if let snapshot {
                let frame = TopFrame(snapshot, previous: previous, order: order, columns: Self.plainColumns)
                let lines = frame.lines(height: Self.plainLines, title: title(snapshot))
                write(lines.joined(separator: "\n") + "\n\n")
            }
            done += 1
            if let iterations, done >= iterations { return failure == nil ? .success : .cannotConnect }
            pause(interval)
        }
    }

    /// A frame that no screen bounds.
    private static let plainColumns = 200
    private static let plainLines = 60

    /// Asks for figures; what fails is kept as `failure`, and the figures before stay.
    private func look() {
        let now = ClientHandle.monotonicMilliseconds()
        do throws(ConsoleFailure) {
            let console = try connected()
            console.deadline = now + CommandLineLimits.frameMilliseconds
            let new = try TopSnapshot.read(console, milliseconds: now)
            (previous, snapshot, failure) = (snapshot, new, nil)
        } catch {
            failure = error
            if error.kind != .statement { console = nil }
        }
    }

    private func connected() throws(ConsoleFailure) -> ConsoleConnection {
        if let console { return console }
        var target = target
        // Once there was a frame, keys have to be answered meanwhile.
        if snapshot != nil {
            target.timeoutMilliseconds = min(target.timeoutMilliseconds, CommandLineLimits.frameMilliseconds)
        }
        let made = try ConsoleConnection(target)
        console = made
        return made
    }

    private func title(_ snapshot: TopSnapshot) -> String {
        "switchyard top: \(target), up \(Figures.duration(seconds: snapshot.status.uptimeSeconds)), "
            + Figures.counted(Int(snapshot.status.clients), "client")
    }

    private func draw(on terminal: Terminal, isPaused: Bool) {
        guard let snapshot else { return }
        let size = terminal.size
        let frame = TopFrame(snapshot, previous: previous, order: order, columns: size.columns)
        var lines = frame.lines(height: size.lines - 1, title: title(snapshot))
        lines += Array(repeating: "", count: max(0, size.lines - 1 - lines.count))
        lines.append(TerminalText.cut(foot(isPaused), size.columns))
        terminal.draw(lines)
    }

    private func foot(_ isPaused: Bool) -> String {
        if let failure { return "not connected, trying again: \(failure)" }
        let rhythm = isPaused ? "paused" : "every \(interval / 1_000) s"
        return "q quit   p \(isPaused ? "go on" : "pause")   s sort: \(order.rawValue)   \(rhythm)"
    }
}
