// What the kernel says of the process's memory.

import Testing

@testable import Telemetry

@Suite struct ProcessMemoryTests {
    @Test func `the resident size is read in bytes`() {
        let status = "Name:\tswitchyard\nVmPeak:\t  9000 kB\nVmRSS:\t   1234 kB\nRssAnon:\t    1000 kB\n"
        #expect(ProcessMemory.residentSize(inStatus: status) == 1_234 * 1_024)
    }

    @Test func `what is no figure is none`() {
        for text in ["", "VmRSS:", "VmRSS:\t12 MB", "VmRSS:\tmany kB", "VmRSS:\t\(Int.max) kB", "RssAnon:\t1 kB"] {
            #expect(ProcessMemory.residentSize(inStatus: text) == nil, "\(text)")
        }
    }

    @Test func `this process has some`() throws {
        #expect(try #require(ProcessMemory.residentBytes) > 100_000)
    }
}
