// Names that move away from under a connection.

import Testing

@testable import Topology

@Suite struct AddressWatchTests {
    @Test func `numbers and sockets do not move`() {
        for address in [
            ProbeAddress.tcp(host: "127.0.0.1", port: 1), .tcp(host: "fd00::1", port: 1), .unix(path: "/run/db"),
        ] {
            #expect(AddressWatch(address) == nil)
        }
    }

    @Test func `a name has moved when a look-up no longer brings the peer`() throws {
        let made = AddressWatch(.tcp(host: "db.invalid", port: 3306)) { _ in [] }
        let watch = try #require(made)
        // Nothing is known until an answer came, and an answer that brings nothing changes nothing.
        #expect(!watch.leadsElsewhere(than: "10.0.0.1", now: 1))
        watch.answered([])
        #expect(!watch.leadsElsewhere(than: "10.0.0.1", now: 2))
        watch.answered(["10.0.0.1", "10.0.0.2"])
        #expect(!watch.leadsElsewhere(than: "10.0.0.1", now: 3))
        watch.answered(["10.0.0.2"])
        #expect(watch.leadsElsewhere(than: "10.0.0.1", now: 4))
        watch.answered([])
        #expect(watch.leadsElsewhere(than: "10.0.0.1", now: 5))
        // A connection without an address, such as one that is broken, is not judged.
        #expect(!watch.leadsElsewhere(than: "", now: 6))
    }
}
