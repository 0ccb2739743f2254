// GTID positions of both flavors: what is read can be written and read again, and covers itself.
import Wire

enum PositionsTarget {
    static func run(_ bytes: UnsafeRawBufferPointer) {
        var choices = FuzzChoices(bytes)
        let flavor: PositionFlavor = choices.byte() & 1 == 0 ? .mariaDB : .mySQL
        let length = Int(choices.byte())
        let one = try? Position.parse(choices.bytes(length), flavor: flavor)
        let other = try? Position.parse(choices.rest, flavor: flavor)
        guard let one else { return }
        precondition(one.covers(one), "a position that does not cover itself")
        let again = try? Position.parse(one.description, flavor: flavor)
        precondition(again == one, "written and read again, it is another one")
        guard let other else { return }
        var both = one
        both.merge(other)
        precondition(both.covers(one) && both.covers(other), "merged, it does not cover its parts")
    }

    static let seeds: [[UInt8]] = [
        seed(0, "0-1-100,1-2-5", "0-2-101"), seed(0, "", "4294967295-4294967295-18446744073709551615"),
        seed(
            1, "3E11FA47-71CA-11E1-9E33-C80AA9429562:1-5:7:11-18,\n4e11fa47-71ca-11e1-9e33-c80aa9429562:1",
            "3E11FA47-71CA-11E1-9E33-C80AA9429562:tag_a:1-2:tag_b:3"),
    ]

    private static func seed(_ flavor: UInt8, _ one: String, _ other: String) -> [UInt8] {
        [flavor, UInt8(one.utf8.count)] + Array(one.utf8) + Array(other.utf8)
    }
}
