// Host names to addresses, off the lanes, because getaddrinfo blocks.
internal import Dispatch
internal import Glibc

/// Resolves names on a few threads of its own. Nothing is cached: a name is resolved anew for every connect, so that an
/// address that moved is followed at once.
package final class Resolver: Sendable {
    private let queue = DispatchQueue(label: "switchyard.resolver", attributes: .concurrent)
    /// So many look-ups run at once; the others wait in the queue.
    private let permits = DispatchSemaphore(value: 8)
    private let gate = DispatchQueue(label: "switchyard.resolver.gate")

    package init() {}

    /// Resolves `host` and calls `completion` on `lane`, with up to `NetworkLimits.resolvedAddressesMaximum` addresses
    /// or with the reason (getaddrinfo's words) when there are none.
    package func resolve(
        host: String, port: UInt16, on lane: Lane,
        completion: @escaping @Sendable ([SocketAddress], String) -> Void
    ) {
        gate.async { [self] in
            permits.wait()
            queue.async { [self] in
                let (addresses, reason) = Self.lookUp(host: host, port: port)
                permits.signal()
                lane.post { completion(addresses, reason) }
            }
        }
    }

    /// Resolves on the caller's thread: for start-up, where blocking is right.
    package static func lookUp(host: String, port: UInt16) -> ([SocketAddress], reason: String) {
        if let numeric = SocketAddress(numericHost: host, port: port) { return ([numeric], "") }
        var hints = addrinfo()
        hints.ai_family = AF_UNSPEC
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var first: UnsafeMutablePointer<addrinfo>?
        let status = getaddrinfo(host, String(port), &hints, &first)
        guard status == 0 else { return ([], "cannot resolve '\(host)': \(String(cString: gai_strerror(status)))") }
        defer { freeaddrinfo(first) }
        var found: [SocketAddress] = []
        var next = first
        while let entry = next, found.count < NetworkLimits.resolvedAddressesMaximum {
            if let address = entry.pointee.ai_addr,
                let parsed = SocketAddress(address, length: entry.pointee.ai_addrlen), !found.contains(parsed)
            {
                found.append(parsed)
            }
            next = entry.pointee.ai_next
        }
        return (found, found.isEmpty ? "'\(host)' has no address" : "")
    }
}
