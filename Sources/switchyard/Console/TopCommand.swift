// `switchyard top`: a live view.
internal import ArgumentParser
internal import CommandLineClient
internal import Foundation

extension TopOrder: ExpressibleByArgument {}

/// `switchyard top`.
struct TopCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "top",
        abstract: "Watch a running proxy: nodes, rates, latency, lag, what is held, top statements, sessions.",
        discussion: """
            KEYS: q ends; p stops and goes on; s sorts the statements by load (the time that all of a kind took, in \
            percent of one second), count, latency (95 % of them took no longer) or errors.

            Where the connection is lost, the last figures stay and it is made again. Without a terminal, frames are \
            printed one after the other, until it is ended or --iterations are done.

            \(ConsoleArguments.notes)

            EXIT CODES: 0 it was ended; 2 the command line is wrong; 3 the console cannot be connected to at the first \
            look, or at the last one of --iterations.

            EXAMPLES:
              switchyard top --config /etc/switchyard.yaml
              switchyard top --iterations 2 --interval 5 > figures.txt
            """)

    @Option(name: .shortAndLong, help: ArgumentHelp("From look to look.", valueName: "seconds"))
    var interval = 2

    @Option(name: .long, help: ArgumentHelp("End after so many frames, printed one after the other.", valueName: "n"))
    var iterations: Int?

    @Option(name: .long, help: "By what the statements are sorted at first.")
    var sort = TopOrder.load

    @OptionGroup(title: "Console Options") var console: ConsoleArguments

    func validate() throws {
        for (name, value, range) in [
            ("--interval", interval, CommandLineLimits.intervalSecondsRange),
            ("--iterations", iterations ?? 1, CommandLineLimits.iterationsRange),
        ] where !range.contains(value) {
            throw ValidationError("\(name) must be \(range.lowerBound) to \(range.upperBound).")
        }
    }

    func run() throws {
        let target: ConsoleTarget
        do throws(UsageProblem) {
            target = try console.target()
        } catch {
            throw ConsoleExit.usage("\(error)")
        }
        let run = TopRun(target, intervalSeconds: interval, order: sort)
        if iterations == nil, Output.isTerminal, isatty(STDIN_FILENO) == 1,
            let status = run.runOnTerminal(complain: Output.complain)
        {
            return try ConsoleExit.end(status)
        }
        try ConsoleExit.end(
            run.runPlain(
                iterations: iterations, pause: { usleep(UInt32(clamping: $0 * 1_000)) }, write: Output.write,
                complain: Output.complain))
    }
}
