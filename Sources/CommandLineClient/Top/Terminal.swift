// A terminal that is drawn on: its own screen, no echo, and everything as it was before at the end.
internal import Foundation
internal import Glibc
internal import Synchronization

/// What happened at a terminal.
enum TerminalEvent: Equatable {
    case key(UInt8)
    case resized
    /// Ctrl-C, or a signal that asks the process to end.
    case ended
    /// Ctrl-Z.
    case suspended
    /// Nothing, for as long as was waited.
    case timeout
}

/// The terminal of the process while `top` has it. One at a time; confined to one thread.
final class Terminal {
    /// Where signal handlers write to; -1 for nowhere.
    private static let wakeUp = Atomic<Int32>(-1)
    private static let signals = [SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP, SIGWINCH]

    private let input: Int32
    private let output: Int32
    private var usual = termios()
    private var pipeEnds: [Int32] = [-1, -1]
    private var isDrawing = false

    /// Nil unless both are terminals.
    init?(input: Int32 = STDIN_FILENO, output: Int32 = STDOUT_FILENO) {
        guard isatty(input) == 1, isatty(output) == 1, tcgetattr(input, &usual) == 0, pipe(&pipeEnds) == 0 else {
            return nil
        }
        self.input = input
        self.output = output
        for end in pipeEnds {
            _ = fcntl(end, F_SETFD, FD_CLOEXEC)
            _ = fcntl(end, F_SETFL, O_NONBLOCK)
        }
        Self.wakeUp.store(pipeEnds[1], ordering: .sequentiallyConsistent)
        for number in Self.signals {
            // Only calls that signal handlers may make: a byte that says which signal came.
            signal(number) { number in
                var byte = UInt8(truncatingIfNeeded: number)
                let saved = errno
                _ = Glibc.write(Terminal.wakeUp.load(ordering: .sequentiallyConsistent), &byte, 1)
                errno = saved
            }
        }
        enter()
    }

    deinit {
        leave()
        for number in Self.signals { signal(number, SIG_DFL) }
        Self.wakeUp.store(-1, ordering: .sequentiallyConsistent)
        for end in pipeEnds { close(end) }
    }

    /// Takes the screen: another one, without a cursor, and keys at once.
    private func enter() {
        var keys = usual
        keys.c_lflag &= ~tcflag_t(ICANON | ECHO)
        tcsetattr(input, TCSADRAIN, &keys)
        write("\u{1B}[?1049h\u{1B}[?25l\u{1B}[?7l")
        isDrawing = true
    }

    /// Gives the screen back as it was.
    func leave() {
        guard isDrawing else { return }
        isDrawing = false
        write("\u{1B}[?7h\u{1B}[?25h\u{1B}[?1049l")
        tcsetattr(input, TCSADRAIN, &usual)
    }

    /// Stops the process, as Ctrl-Z does, and takes the screen again when it goes on.
    func suspend() {
        leave()
        kill(getpid(), SIGSTOP)
        enter()
    }

    /// Columns and lines now.
    var size: (columns: Int, lines: Int) {
        var size = winsize()
        guard ioctl(output, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0, size.ws_row > 0 else {
            return (CommandLineLimits.columnsUsual, CommandLineLimits.linesUsual)
        }
        return (Int(size.ws_col), Int(size.ws_row))
    }

    /// Draws lines from the top; the rest of the screen becomes empty.
    func draw(_ lines: [String]) {
        let text = lines.prefix(size.lines).map { $0 + "\u{1B}[K" }.joined(separator: "\r\n")
        write("\u{1B}[H" + text + "\u{1B}[J")
    }

    /// Waits for what happens next, `milliseconds` at most.
    func wait(milliseconds: Int64) -> TerminalEvent {
        var places = [
            pollfd(fd: pipeEnds[0], events: Int16(POLLIN), revents: 0),
            pollfd(fd: input, events: Int16(POLLIN), revents: 0),
        ]
        let count = poll(&places, 2, Int32(clamping: max(0, milliseconds)))
        // A signal that interrupts has written its byte by now.
        if count < 0 && errno != EINTR { return .ended }
        var byte: UInt8 = 0
        if read(pipeEnds[0], &byte, 1) == 1 {
            switch Int32(byte) {
            case SIGWINCH: return .resized
            case SIGTSTP: return .suspended
            default: return .ended
            }
        }
        guard count > 0 else { return .timeout }
        // A terminal that went away is readable, and has nothing.
        if places[1].revents != 0 { return read(input, &byte, 1) == 1 ? .key(byte) : .ended }
        return .timeout
    }

    private func write(_ text: String) {
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let written = rest.withUnsafeBytes { Glibc.write(output, $0.baseAddress, $0.count) }
            if written < 0, errno == EINTR { continue }
            guard written > 0 else { return }
            rest = rest.dropFirst(written)
        }
    }
}
