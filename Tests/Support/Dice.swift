// Repeatable random numbers.

/// splitmix64.
package struct Dice: Sendable {
    private var state: UInt64

    package init(seed: UInt64) { state = seed }

    /// A number from 0 to below `bound`.
    package mutating func roll(_ bound: Int) -> Int {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = (state ^ (state >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return Int((mixed ^ (mixed >> 31)) % UInt64(bound))
    }

    /// True once in so many times.
    package mutating func once(in count: Int) -> Bool { roll(count) == 0 }

    /// One of them, of which there is one.
    package mutating func pick<Element>(_ all: [Element]) -> Element { all[roll(all.count)] }
}
