// Loopback ports that nobody uses, each given to one caller of this process only.

import Glibc
import Synchronization

extension LocalCluster {
    /// A free TCP port on 127.0.0.1, never the same twice in one process; 0 if there is none.
    ///
    /// It lies below the range from which the kernel numbers outgoing connections: a port out of that range could be
    /// taken by any connection while its server is down for a restart.
    package static func freePort() -> UInt16 {
        givenPorts.withLock { given in
            let candidates = firstPort..<max(firstPort + 1, firstEphemeralPort())
            for _ in 0..<LocalClusterLimits.portAttempts {
                let wanted = candidates.count > 1000 ? UInt16.random(in: candidates) : 0
                if let port = boundOnce(wanted), given.insert(port).inserted { return port }
            }
            return 0
        }
    }
}

private let givenPorts = Mutex<Set<UInt16>>([])
private let firstPort: UInt16 = 12_000

/// The lower end of `ip_local_port_range`.
private func firstEphemeralPort() -> UInt16 {
    let descriptor = open("/proc/sys/net/ipv4/ip_local_port_range", O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return 32_768 }
    defer { close(descriptor) }
    var bytes = [UInt8](repeating: 0, count: 64)
    let count = bytes.withUnsafeMutableBytes { read(descriptor, $0.baseAddress, $0.count) }
    let digits = bytes.prefix(max(0, count)).prefix { $0 >= UInt8(ascii: "0") && $0 <= UInt8(ascii: "9") }
    return UInt16(String(decoding: digits, as: UTF8.self)) ?? 32_768
}

/// Binds and releases `port` (0: any), and gives its number when that worked.
private func boundOnce(_ port: UInt16) -> UInt16? {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    return withUnsafeMutablePointer(to: &address) { address in
        address.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
            guard bind(descriptor, generic, length) == 0 else { return nil }
            guard getsockname(descriptor, generic, &length) == 0 else { return nil }
            return UInt16(bigEndian: address.pointee.sin_port)
        }
    }
}
