import SQL
import Testing

@Test func `a plain select is a read`() {
    var text = "SELECT 1"
    let traits = text.withUTF8 { Classifier.classify(UnsafeRawBufferPointer($0), mode: SQLMode()) }
    #expect(traits.access == .read)
}
