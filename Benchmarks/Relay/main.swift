// The floor that proxies are measured against: moves bytes between clients and one server, and looks at none of them.
//
// usage: relay LISTEN_PORT SERVER_PORT LANES       (all on 127.0.0.1)

import Glibc

let numbers = CommandLine.arguments.dropFirst().compactMap { UInt16($0) }
guard CommandLine.arguments.count == 4, numbers.count == 3, numbers[2] > 0 else {
    fail("usage: relay LISTEN_PORT SERVER_PORT LANES")
}
let serverPort = numbers[1]
signal(SIGPIPE, SIG_IGN)

let lanes = (0..<Int(numbers[2])).map { Lane(number: $0) }
let listener = listen(port: numbers[0])
var accepted = 0
while true {
    let client = accept(listener, nil, nil)
    guard client >= 0 else { continue }
    guard let server = connect(port: serverPort) else {
        close(client)
        continue
    }
    lanes[accepted % lanes.count].adopt(client: client, server: server)
    accepted += 1
}

/// Says why on standard error and ends the program.
func fail(_ message: String) -> Never {
    let line = "relay: \(message)\n"
    write(STDERR_FILENO, line, line.utf8.count)
    exit(1)
}
