// Words in bytes that nobody parses.

extension UnsafeRawBufferPointer {
    /// Whether `word` is anywhere in the bytes.
    ///
    /// - Parameter ignoringCase: whether ASCII letters are the same in either case. Some other characters are then the same
    ///   too (`@` and a backtick): for words of letters, digits and underscores it makes no difference worth telling.
    package func contains(word: StaticString, ignoringCase: Bool) -> Bool {
        let length = word.utf8CodeUnitCount
        let folded: UInt8 = ignoringCase ? 0x20 : 0
        guard count >= length else { return false }
        return (0...(count - length)).contains { start in
            (0..<length).allSatisfy { self[start + $0] | folded == word.utf8Start[$0] | folded }
        }
    }
}
