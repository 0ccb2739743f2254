// `switchyard quickstart`: real servers, the proxy, a workload and a promotion, on this machine.
internal import ArgumentParser
internal import Dispatch
internal import Foundation
internal import Quickstart

/// `switchyard quickstart [--seconds N]`.
struct QuickstartCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "quickstart",
        abstract: "Start a real primary and two replicas with the proxy in front, and promote a replica under load.",
        discussion: """
            Needs MariaDB's server on this machine (apt-get install mariadb-server), and nothing else. Everything \
            lives in a temporary folder, on 127.0.0.1 only, and is gone at the end. The exit code is 0 when every \
            operation of the workload succeeded, if need be by trying again, with the right answer; 1 when one did \
            not, or when something could not start; 130 when it was interrupted before the summary.
            """)

    @Option(
        name: .long,
        help: ArgumentHelp(
            "Stop after this time, start-up included; a workload of 2 s is run all the same. Default: until Ctrl-C.",
            valueName: "n"))
    var seconds: Int?

    func validate() throws {
        if let seconds, !(1...QuickstartOptions.secondsMaximum ~= seconds) {
            throw ValidationError("--seconds must be 1 to \(QuickstartOptions.secondsMaximum).")
        }
    }

    func run() throws {
        let signals = TerminationSignals()
        let interruption = Interruption()
        // A second signal ends the process at once; the servers' watchdog cleans up then.
        DispatchQueue(label: "switchyard.signals").async {
            _ = signals.wait()
            interruption.raise()
        }
        let quickstart = Quickstart(
            options: QuickstartOptions(seconds: seconds), screen: Screen(), interruption: interruption)
        let isSuccess: Bool
        do throws(QuickstartError) {
            isSuccess = try quickstart.run()
        } catch {
            if error == .interrupted { throw ExitCode(130) }
            FileHandle.standardError.write(Data("switchyard: \(error)\n".utf8))
            throw ExitCode(1)
        }
        if !isSuccess { throw ExitCode(1) }
    }
}
