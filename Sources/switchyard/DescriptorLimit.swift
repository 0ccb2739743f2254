// The number of descriptors this process may have.
internal import Glibc

/// `RLIMIT_NOFILE`: each client and each server connection takes one.
enum DescriptorLimit {
    /// Raises the soft limit to the hard one. A failure leaves the limit as it is.
    static func raise() {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(UInt32(RLIMIT_NOFILE.rawValue)), &limit) == 0 else { return }
        limit.rlim_cur = limit.rlim_max
        setrlimit(__rlimit_resource_t(UInt32(RLIMIT_NOFILE.rawValue)), &limit)
    }
}
