// swift-tools-version: 6.2
// The floors of the house, from the ground up. SwiftPM refuses a dependency that points upward.
import Foundation
import PackageDescription

/// SWITCHYARD_PROFILE: "record" builds a program that counts what runs, as `Benchmarks/Profile/record.sh` wants it; "off"
/// builds without what that found. Changing it, or the profile, wants a new `--scratch-path`.
let profiling = Context.environment["SWITCHYARD_PROFILE"]

/// Release builds know what ran under load (`Benchmarks/Profile/switchyard.profdata`): the optimizer puts that together
/// and apart from all else. A function that has changed since is built as without a profile.
let profile: [String] = {
    let file = "\(Context.packageDirectory)/Benchmarks/Profile/switchyard.profdata"
    // Functions local to a file are found under the name of their target's first one, not its path.
    let names = ["-Xllvm", "-static-func-full-module-prefix=false"]
    if profiling == "record" { return ["-Xfrontend", "-ir-profile-generate"] + names }
    // An older compiler may not read the file.
    #if compiler(>=6.3) && os(Linux)
        if profiling != "off" { return ["-Xfrontend", "-ir-profile-use=\(file)"] + names }
    #endif
    return []
}()

/// Every target: Swift 6, explicit existentials, imports that say who may see them, and no warnings.
let house: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .treatAllWarnings(as: .error),
    .unsafeFlags(profile, .when(configuration: .release)),
]

/// The data path, in release builds: without the dynamic exclusivity checks, which debug builds and tests keep.
let dataPath: [SwiftSetting] =
    house + [.unsafeFlags(["-enforce-exclusivity=unchecked"], .when(configuration: .release))]

let argumentParser = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let yams = Target.Dependency.product(name: "Yams", package: "Yams")

/// The micro-benchmarks and what only they need; left out unless asked for, so that ordinary builds do not resolve it.
let withBenchmarks = Context.environment["SWITCHYARD_BENCHMARKS"] == "1"
let benchmarkPackages: [Package.Dependency] =
    withBenchmarks ? [.package(url: "https://github.com/ordo-one/benchmark", from: "1.38.1", traits: [])] : []
let benchmarks: [Target] =
    withBenchmarks
    ? [
        .target(name: "AllocationCounter", path: "Benchmarks/AllocationCounter"),
        .executableTarget(
            name: "MicroBenchmarks",
            dependencies: [
                "Wire", "SQL", "Routing", "Topology", "AllocationCounter",
                .product(name: "Benchmark", package: "benchmark"),
            ],
            path: "Benchmarks/MicroBenchmarks",
            swiftSettings: house,
            plugins: [.plugin(name: "BenchmarkPlugin", package: "benchmark")]),
    ] : []

/// What is fuzzed runs as an ordinary test for a moment, and under libFuzzer when `Tests/Fuzzing/run.sh` asks for it.
let fuzzing: Target = {
    let parts: [Target.Dependency] = [
        "Backend", "Compression", "Configuration", "Dashboard", "Frontend", "Network", "Security", "SQL", "Wire",
    ]
    guard Context.environment["SWITCHYARD_FUZZING"] == "1" else {
        return .testTarget(
            name: "FuzzingTests", dependencies: parts, path: "Tests/Fuzzing",
            exclude: ["Driver.swift", "Corpus", "run.sh"], swiftSettings: house)
    }
    return .executableTarget(
        name: "Fuzzing", dependencies: parts, path: "Tests/Fuzzing",
        exclude: ["SmokeTests.swift", "Corpus", "run.sh"],
        swiftSettings: house + [.unsafeFlags(["-parse-as-library"])])
}()

let package = Package(
    name: "switchyard",
    dependencies: benchmarkPackages + [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
    ],
    targets: benchmarks + [
        // Floor 0: the system.
        .target(name: "CLinux"),
        .target(name: "CDashboardFiles"),
        .systemLibrary(name: "COpenSSL", pkgConfig: "openssl", providers: [.apt(["libssl-dev"])]),
        .target(name: "CTLSCarrier", dependencies: ["COpenSSL"]),
        .systemLibrary(name: "CMySQL", pkgConfig: "libmariadb", providers: [.apt(["default-libmysqlclient-dev"])]),
        .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
        .systemLibrary(name: "CZstd", pkgConfig: "libzstd", providers: [.apt(["libzstd-dev"])]),
        .systemLibrary(name: "CXxHash", pkgConfig: "libxxhash", providers: [.apt(["libxxhash-dev"])]),
        .systemLibrary(name: "CSQLite", pkgConfig: "sqlite3", providers: [.apt(["libsqlite3-dev"])]),

        // Floor 1: protocol, compression, text, secrets, figures, settings; a client's connection with a budget.
        .target(name: "Wire", swiftSettings: dataPath),
        .target(name: "Compression", dependencies: ["CZlib", "CZstd"], swiftSettings: dataPath),
        .target(name: "SQL", swiftSettings: dataPath),
        .target(name: "Security", dependencies: ["COpenSSL", "CTLSCarrier"], swiftSettings: house),
        .target(name: "Telemetry", dependencies: [logging], swiftSettings: house),
        .target(name: "Configuration", dependencies: ["Security", yams], swiftSettings: house),
        .target(name: "MySQLClient", dependencies: ["CMySQL"], swiftSettings: house),

        // Floor 2: sockets; the cluster's nodes.
        .target(name: "Network", dependencies: ["CLinux", "Compression", "Security"], swiftSettings: dataPath),
        .target(name: "Topology", dependencies: ["CMySQL", "MySQLClient", logging], swiftSettings: house),

        // Floor 3: server connections; decisions. These two do not know each other.
        .target(
            name: "Backend", dependencies: ["Wire", "Compression", "Security", "Network", "Topology"],
            swiftSettings: dataPath),
        .target(name: "Routing", dependencies: ["SQL", "Topology"], swiftSettings: dataPath),

        // Floor 4: clients and their sessions.
        .target(
            name: "Frontend",
            dependencies: [
                "Wire", "Compression", "SQL", "Security", "Network", "Topology", "Backend", "Routing", "CXxHash",
            ],
            swiftSettings: dataPath),

        // Floor 5: the console; beside it, what shows the same over HTTP.
        .target(
            name: "Admin",
            dependencies: [
                "Configuration", "CSQLite", "Frontend", "Network", "Routing", "SQL", "Topology", "Wire",
            ], swiftSettings: house),

        .target(
            name: "Dashboard",
            dependencies: ["Admin", "CDashboardFiles", "Frontend", "Network", "Security", "Topology"],
            exclude: ["Resources"], swiftSettings: house),

        // Floor 6: the whole, and its command line.
        .target(
            name: "Proxy",
            dependencies: [
                "Admin", "Backend", "Compression", "Configuration", "Dashboard", "Frontend", "Network", "Routing",
                "Security", "Telemetry", "Topology", "Wire", logging,
            ], swiftSettings: house),
        .target(
            name: "Quickstart",
            dependencies: ["CMySQL", "Configuration", "LocalCluster", "Proxy", "Telemetry", "Topology", logging],
            swiftSettings: house),
        .target(
            name: "CommandLineClient", dependencies: ["CMySQL", "Configuration", "MySQLClient", "SQL"],
            swiftSettings: house),
        .executableTarget(
            name: "switchyard",
            dependencies: [
                "CommandLineClient", "Configuration", "Proxy", "Quickstart", "Telemetry", argumentParser, logging,
            ],
            swiftSettings: house,
            linkerSettings: profiling == "record" ? [.unsafeFlags(["-profile-generate"])] : []),

        // Beside the house: real servers on this machine, for the quickstart and the integration tests.
        .target(name: "LocalCluster", swiftSettings: house),

        // Beside the house: what the comparison with other proxies needs.
        .executableTarget(
            name: "local-cluster", dependencies: ["LocalCluster"], path: "Benchmarks/LocalClusterCommand",
            swiftSettings: house),
        .executableTarget(
            name: "relay", dependencies: ["CLinux"], path: "Benchmarks/Relay", swiftSettings: house),

        // Tests mirror Sources; the integration tests run the program itself, in front of real servers.
        .target(
            name: "TestSupport", dependencies: ["CMySQL", "LocalCluster"], path: "Tests/Support", swiftSettings: house),
        .testTarget(
            name: "IntegrationTests",
            dependencies: [
                "ChaosChecker", "ChaosRun", "ConsistencyChecker", "ConsistencyRun", "LocalCluster", "TestSupport",
                "switchyard",
            ],
            swiftSettings: house),

        // Whether sessions that share connections and late replicas ever see what one server would not show.
        .target(name: "ConsistencyChecker", path: "Tests/Consistency/Checker", swiftSettings: house),
        .target(
            name: "ConsistencyRun", dependencies: ["ConsistencyChecker", "LocalCluster", "TestSupport"],
            path: "Tests/Consistency/Run", swiftSettings: house),
        .executableTarget(
            name: "consistency-checker",
            dependencies: ["ConsistencyChecker", "ConsistencyRun", "LocalCluster", argumentParser],
            path: "Tests/Consistency/Command", swiftSettings: house),
        .testTarget(name: "ConsistencyCheckerTests", dependencies: ["ConsistencyChecker"], swiftSettings: house),

        // Whether anything acknowledged is lost or done twice while the primary changes, dies, freezes, or is two.
        .target(
            name: "ChaosChecker", dependencies: ["ConsistencyChecker"], path: "Tests/Chaos/Checker",
            swiftSettings: house),
        .target(
            name: "ChaosRun", dependencies: ["ChaosChecker", "ConsistencyChecker", "LocalCluster", "TestSupport"],
            path: "Tests/Chaos/Run", swiftSettings: house),
        .executableTarget(
            name: "chaos", dependencies: ["ChaosChecker", "ChaosRun", "LocalCluster", argumentParser],
            path: "Tests/Chaos/Command", swiftSettings: house),
        .testTarget(
            name: "ChaosTests", dependencies: ["ChaosChecker", "ChaosRun", "ConsistencyChecker", "TestSupport"],
            swiftSettings: house),
        fuzzing,
        .testTarget(name: "WireTests", dependencies: ["Wire"], swiftSettings: house),
        .testTarget(name: "CompressionTests", dependencies: ["Compression"], swiftSettings: house),
        .testTarget(name: "SQLTests", dependencies: ["SQL"], swiftSettings: house),
        .testTarget(name: "SecurityTests", dependencies: ["COpenSSL", "Security"], swiftSettings: house),
        .testTarget(name: "TelemetryTests", dependencies: ["Telemetry", logging], swiftSettings: house),
        .testTarget(name: "ConfigurationTests", dependencies: ["Configuration"], swiftSettings: house),
        .testTarget(
            name: "TopologyTests", dependencies: ["LocalCluster", "Topology", logging], swiftSettings: house),
        .testTarget(
            name: "AdminTests", dependencies: ["Admin", "Configuration", "Frontend", "Routing", "Topology", "Wire"],
            swiftSettings: house),
        .testTarget(
            name: "DashboardTests",
            dependencies: ["Admin", "Configuration", "Dashboard", "Frontend", "Network", "Security", "Topology"],
            swiftSettings: house),
        .testTarget(name: "NetworkTests", dependencies: ["Compression", "Network", "Security"], swiftSettings: house),
        .testTarget(name: "RoutingTests", dependencies: ["Routing", "SQL", "Topology"], swiftSettings: house),
        .testTarget(
            name: "BackendTests", dependencies: ["Backend", "Network", "Security", "Topology", "Wire"],
            swiftSettings: house),
        .testTarget(
            name: "FrontendTests",
            dependencies: ["Frontend", "Backend", "Network", "Routing", "Security", "SQL", "Topology", "Wire"],
            swiftSettings: house),
        .testTarget(name: "LocalClusterTests", dependencies: ["LocalCluster"], swiftSettings: house),
        .testTarget(name: "ProxyTests", dependencies: ["Network", "Proxy"], swiftSettings: house),
        .testTarget(
            name: "QuickstartTests", dependencies: ["Configuration", "Quickstart", "switchyard"], swiftSettings: house),
        .testTarget(
            name: "CommandLineClientTests",
            dependencies: ["CommandLineClient", "Configuration", "MySQLClient", "switchyard"], swiftSettings: house),
    ])
