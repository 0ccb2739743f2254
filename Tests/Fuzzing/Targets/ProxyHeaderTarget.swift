// The header that a load balancer puts in front of a connection: decided on the same bytes however they come.
import Network

enum ProxyHeaderTarget {
    static func run(_ bytes: UnsafeRawBufferPointer) {
        let whole = ProxyHeader.read(bytes)
        if case .header(let length, _) = whole {
            precondition(length > 0 && length <= bytes.count, "a header beyond the bytes")
        }
        // Byte by byte: once something is certain, it stays so.
        for count in 0..<bytes.count {
            let reading = ProxyHeader.read(UnsafeRawBufferPointer(rebasing: bytes[..<count]))
            if case .incomplete = reading { continue }
            precondition(reading == whole, "split, the header means something else")
            return
        }
    }

    static let seeds: [[UInt8]] = {
        let signature: [UInt8] = [0x0D, 0x0A, 0x0D, 0x0A, 0, 0x0D, 0x0A, 0x51, 0x55, 0x49, 0x54, 0x0A]
        let lines = [
            "PROXY TCP4 192.168.0.1 10.0.0.1 56324 3306\r\nrest", "PROXY TCP6 ::1 fe80::1 1 65535\r\n",
            "PROXY UNKNOWN\r\n",
        ]
        return lines.map { Array($0.utf8) } + [
            signature + [0x21, 0x11, 0, 12, 127, 0, 0, 1, 10, 0, 0, 1, 1, 2, 3, 4, 5], signature + [0x20, 0, 0, 0],
            signature + [0x21, 0x21, 0, 36] + [UInt8](repeating: 1, count: 36),
        ]
    }()
}
