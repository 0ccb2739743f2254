// Checks a recorded run against what one server would have done.

/// A pure function from a history to what it breaks.
package enum Checker {
    /// Everything that `history` breaks, but for `ignored` rules.
    package static func violations(_ history: History, without ignored: Set<Rule> = []) -> [Violation] {
        let timeline = Timeline(history)
        let values = SlotValues(history)
        var all: [Violation] = []
        for entries in history.sessions {
            var reads = ReadRules(entries, timeline, history.promise)
            reads.check()
            var state = StateRules(entries, values)
            state.check()
            all += reads.violations + state.violations
        }
        var whole = WholeRules(history, timeline)
        whole.check()
        return (all + whole.violations).filter { !ignored.contains($0.rule) }
    }
}
