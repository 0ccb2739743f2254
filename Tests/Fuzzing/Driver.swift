// The entry point that libFuzzer calls. Which target runs is chosen by SWITCHYARD_FUZZ_TARGET, so that one build does
// for all; with SWITCHYARD_FUZZ_SEEDS the seeds of every target are written to folders there, and the program ends.
import Foundation

private let target: FuzzTarget = {
    let environment = ProcessInfo.processInfo.environment
    if let folder = environment["SWITCHYARD_FUZZ_SEEDS"] {
        do {
            try writeSeeds(URL(filePath: folder, directoryHint: .isDirectory))
            exit(0)
        } catch {
            fatalError("the seeds cannot be written: \(error)")
        }
    }
    guard let target = environment["SWITCHYARD_FUZZ_TARGET"].flatMap(FuzzTarget.init(rawValue:)) else {
        fatalError("SWITCHYARD_FUZZ_TARGET is one of \(FuzzTarget.allCases.map(\.rawValue).joined(separator: ", "))")
    }
    return target
}()

private func writeSeeds(_ folder: URL) throws {
    for target in FuzzTarget.allCases {
        let own = folder.appending(path: target.rawValue, directoryHint: .isDirectory)
        try FileManager.default.createDirectory(at: own, withIntermediateDirectories: true)
        for (index, seed) in target.seeds.enumerated() {
            try Data(seed).write(to: own.appending(path: "seed-\(index)"))
        }
        print(target.rawValue)
    }
}

/// libFuzzer's: one input.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzOneInput(_ data: UnsafePointer<UInt8>?, _ size: Int) -> CInt {
    target.run(UnsafeRawBufferPointer(start: data, count: size))
    return 0
}

/// libFuzzer's: before the first input.
@_cdecl("LLVMFuzzerInitialize")
public func fuzzInitialize(
    _ argumentCount: UnsafeMutablePointer<CInt>?,
    _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>>>?
) -> CInt {
    _ = target
    return 0
}
