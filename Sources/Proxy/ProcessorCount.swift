// How many processors this process may use.
internal import Glibc

/// The machine, as far as this process may use it.
enum ProcessorCount {
    /// Processors that the process may run on (affinity and container limits of that kind included), at least 1.
    static var available: Int { max(1, Int(sysconf(Int32(_SC_NPROCESSORS_ONLN)))) }
}
