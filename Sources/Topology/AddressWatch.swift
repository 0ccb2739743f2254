// Looks a node's name up beside its probes: a connection that lives on does not notice that the name moved.

import Dispatch
import Glibc
import Synchronization

/// The addresses of one host name, refreshed away from the probing queue: a dead resolver delays nobody.
final class AddressWatch: Sendable {
    /// Between two look-ups.
    static let intervalMilliseconds: Int64 = 5_000
    /// The addresses taken of one answer; more are ignored.
    static let addressesMaximum = 64

    private struct State {
        var addresses: Set<String> = []
        var askedAtMilliseconds: Int64?
        var isLooking = false
    }

    private let host: String
    private let lookUp: @Sendable (String) -> Set<String>
    private let queue: DispatchQueue
    private let state = Mutex(State())

    /// Nil for an address that cannot move: a number, or a socket in the file system.
    init?(_ address: ProbeAddress, lookUp: @escaping @Sendable (String) -> Set<String> = AddressWatch.addresses) {
        guard case .tcp(let host, _) = address, !Self.isNumeric(host) else { return nil }
        self.host = host
        self.lookUp = lookUp
        queue = DispatchQueue(label: "switchyard.names.\(host)", qos: .utility)
    }

    static func isNumeric(_ host: String) -> Bool {
        var room = in6_addr()
        return inet_pton(AF_INET, host, &room) == 1 || inet_pton(AF_INET6, host, &room) == 1
    }

    /// Whether the name is known to lead elsewhere than to `peer`. An answer comes from the last look-up, which this
    /// starts anew when it is old; while the name cannot be looked up, nothing has moved.
    func leadsElsewhere(than peer: String, now: Int64) -> Bool {
        let (moved, isDue) = state.withLock { state in
            let isDue = !state.isLooking && now - (state.askedAtMilliseconds ?? .min / 2) >= Self.intervalMilliseconds
            if isDue {
                state.isLooking = true
                state.askedAtMilliseconds = now
            }
            return (!state.addresses.isEmpty && !peer.isEmpty && !state.addresses.contains(peer), isDue)
        }
        if isDue {
            queue.async { self.answered(self.lookUp(self.host)) }
        }
        return moved
    }

    /// What a look-up brought; nothing for one that failed.
    func answered(_ addresses: Set<String>) {
        state.withLock { state in
            state.isLooking = false
            if !addresses.isEmpty { state.addresses = addresses }
        }
    }

    /// The addresses of a name by the system's resolver, however long that takes; none when it fails.
    static func addresses(_ host: String) -> Set<String> {
        var hints = addrinfo()
        hints.ai_family = AF_UNSPEC
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var first: UnsafeMutablePointer<addrinfo>?
        guard getaddrinfo(host, nil, &hints, &first) == 0 else { return [] }
        defer { freeaddrinfo(first) }
        var found: Set<String> = []
        var next = first
        while let entry = next, found.count < addressesMaximum {
            if let address = entry.pointee.ai_addr {
                found.insert(numericHost(address, length: entry.pointee.ai_addrlen))
            }
            next = entry.pointee.ai_next
        }
        return found
    }

    /// The address as a number in text; an IPv4 address within IPv6 as IPv4.
    static func numericHost(_ address: UnsafePointer<sockaddr>, length: socklen_t) -> String {
        var text = [CChar](repeating: 0, count: Int(NI_MAXHOST))
        guard getnameinfo(address, length, &text, socklen_t(text.count), nil, 0, NI_NUMERICHOST) == 0 else { return "" }
        let end = text.firstIndex(of: 0) ?? text.endIndex
        let host = String(decoding: text[..<end].map { UInt8(bitPattern: $0) }, as: UTF8.self)
        let mapped = "::ffff:"
        return host.hasPrefix(mapped) && host.contains(".") ? String(host.dropFirst(mapped.count)) : host
    }
}
