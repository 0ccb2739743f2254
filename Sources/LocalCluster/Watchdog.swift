// A shell that outlives us by a moment: when this process is gone, however it went, its servers and files go too.

import Glibc

/// The watchdog of one cluster.
///
/// It reads `add PID` and `remove PID` from a named pipe whose only lasting writer is this process. Each server says
/// its own `add` before it becomes the server, so there is no moment in which a server runs unknown. At end of file
/// the watchdog kills the servers it knows, by number, and only if the command line of that number still names the
/// cluster's folder; then it removes the folder.
final class Watchdog: Sendable {
    private let pipe: NamedPipe
    private let shell: Subprocess

    init(folder: String) throws(LocalClusterError) {
        pipe = try NamedPipe(path: "\(folder)/watchdog")
        shell = try Subprocess.spawn(["/bin/sh", "-c", Watchdog.script, "watchdog", folder], input: pipe.readEnd)
    }

    deinit { dismiss() }

    /// The command line that announces itself to the watchdog and then becomes `server`.
    func announced(_ server: [String]) -> [String] {
        // Opened for both directions, so that a watchdog that is gone already cannot make the open wait.
        ["/bin/sh", "-c", #"echo "add $$" 1<>"$0" || exit 1; exec "$@""#, pipe.path] + server
    }

    /// Says that a server was reaped, so that its number means nothing any more.
    func serverEnded(_ pid: pid_t) { pipe.send("remove \(pid)\n") }

    /// Ends the watchdog, which has nothing left to do once the servers are reaped and the folder is removed.
    func dismiss() {
        shell.signal(SIGKILL)
        _ = shell.wait(until: .infinity)
    }

    private static let script = #"""
        trap '' HUP INT TERM
        servers=
        while read -r verb pid; do
            case $verb in
                add) servers="$servers $pid" ;;
                remove)
                    rest=
                    for server in $servers; do
                        if [ "$server" != "$pid" ]; then rest="$rest $server"; fi
                    done
                    servers=$rest ;;
            esac
        done
        rm -f -- "$1/watchdog"
        for server in $servers; do
            if tr '\0' '\n' <"/proc/$server/cmdline" 2>/dev/null | grep -qF -- "$1/"; then kill -9 "$server"; fi
        done
        for server in $servers; do
            for attempt in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
                grep -qsF -- "$1/" "/proc/$server/cmdline" || break
                sleep 0.05
            done
        done
        rm -rf -- "$1"
        """#
}
