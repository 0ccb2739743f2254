// The ids that clients see.
import Testing

@testable import Frontend

@Suite struct ConnectionIDsTests {
    @Test func `ids behind those of another process are none that it may still give out`() {
        let (former, next) = (ConnectionIDs(), ConnectionIDs())
        let newest = (0..<5).map { _ in former.next() }.last
        #expect(former.newest == newest)
        next.follow(former.newest)
        let late = Set((0..<1_000).map { _ in former.next() })
        let new = Set((0..<1_000).map { _ in next.next() })
        #expect(new.count == 1_000 && new.isDisjoint(with: late))
    }

    @Test func `no id is 0`() {
        let ids = ConnectionIDs()
        ids.follow(0 &- (1 << 20) &- 2)
        #expect((0..<4).map { _ in ids.next() } == [.max, 1, 2, 3])
    }
}
