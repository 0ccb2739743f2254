// `switchyard status`: whether all is well, on one screen, in one line or for programs.
internal import ArgumentParser
internal import CommandLineClient

/// `switchyard status`.
struct StatusCommand: ParsableCommand {
    enum Format: String, CaseIterable, ExpressibleByArgument {
        case text, json
    }

    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "Show how a running proxy and its clusters do; the exit code tells scripts.",
        discussion: """
            Clusters with their primary and since when, their gate for writes, what is held and waits; nodes with role, \
            state, lag and reason; the last routing events and errors. Times are UTC.

            \(ConsoleArguments.notes)

            EXIT CODES: 0 all is well; 1 degraded: a node is not online, a cluster is paused, a second node accepts \
            writes, no replica takes reads; 2 a cluster has no primary that takes writes; 3 the proxy cannot be asked, \
            or the command line is wrong. These are those of monitoring plugins; --short prints one line as they do.

            EXAMPLES:
              switchyard status --config /etc/switchyard.yaml
              switchyard status --short
              switchyard status --format json | jq '.clusters[] | {cluster, primary}'
            """)

    @Flag(name: .long, help: "One line, as monitoring plugins print it.")
    var short = false

    @Option(name: .shortAndLong, help: "How it is printed.")
    var format = Format.text

    @OptionGroup(title: "Console Options") var console: ConsoleArguments

    func run() throws {
        let snapshot = try look()
        if short {
            Output.write(StatusText(snapshot).short)
        } else if format == .json {
            Output.write(StatusText.json(snapshot))
        } else {
            Output.write(StatusText(snapshot).screen())
        }
        let level = StatusVerdict(snapshot).level
        if level != .well { throw ExitCode(level.rawValue) }
    }

    private func look() throws -> StatusSnapshot {
        do {
            return try StatusSnapshot.read(try ConsoleConnection(try console.target()))
        } catch {
            throw unreachable("\(error)")
        }
    }

    /// Says so where it is read: monitoring reads standard output.
    private func unreachable(_ reason: String) -> ExitCode {
        if short {
            Output.write(StatusText.unreachable(reason))
        } else if format == .json {
            Output.write(StatusText.unreachableJSON(reason))
        } else {
            Output.complain(reason)
        }
        return ExitCode(StatusLevel.unreachable.rawValue)
    }
}
