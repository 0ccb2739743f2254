// Words in bytes that nobody parses.
import Testing
import Wire

@Suite struct ByteSearchTests {
    private func has(_ text: String, _ word: StaticString, ignoringCase: Bool) -> Bool {
        Array(text.utf8).withUnsafeBytes { $0.contains(word: word, ignoringCase: ignoringCase) }
    }

    @Test func `a word is found wherever it stands, and not where a letter of it is missing`() {
        for text in ["read-only", "the --read-only option", "read-only!", "readread-only"] {
            #expect(has(text, "read-only", ignoringCase: false), "\(text)")
        }
        for text in ["", "read-onl", "ead-only", "read_only", "read -only"] {
            #expect(!has(text, "read-only", ignoringCase: false), "\(text)")
        }
    }

    @Test func `case matters only where it is said to`() {
        #expect(has("SELECT 1 FROM t", "from", ignoringCase: true))
        #expect(!has("SELECT 1 FROM t", "from", ignoringCase: false))
        #expect(has("session_track_gtids", "SESSION_TRACK_GTIDS", ignoringCase: true))
    }
}
