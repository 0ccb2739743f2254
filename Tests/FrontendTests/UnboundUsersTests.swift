// Whom `read_only` does not bind.
import Testing

@testable import Frontend

@Suite struct UnboundUsersTests {
    @Test func `the grants that were read last count`() {
        let unbound = UnboundUsers()
        #expect(!unbound.contains("a"))
        unbound.replace(["a", "b"])
        #expect(unbound.contains("a") && unbound.contains("b") && !unbound.contains("c"))
        unbound.replace(["c"])
        #expect(unbound.contains("c") && !unbound.contains("a"))
    }
}
