// The figures of the whole process, and the list of all.
internal import Frontend
internal import Network

extension Figure {
    /// Every figure there is.
    package static let all: [Figure] =
        process + encryption + traffic + causal + gate + failover + sessions + nodes + nodeStates

    private static let process: [Figure] = [
        Figure(
            name: "build_info", kind: .gauge, unit: .one, help: "1, with the program's version", labels: [.version],
            places: []
        ) { [FigureSample(labels: [$0.source.version], value: .number(1))] },
        .process("uptime_seconds", .gauge, "Seconds since the start") { $0.status.uptimeSeconds },
        .process("lanes", .gauge, "Event loops") { $0.source.laneCount },
        .process("clients", .gauge, "Clients connected now, those of the console not counted", places: [.table, .tick])
        { $0.source.clientCount() },
        .process("console_clients", .gauge, "Clients of the console connected now") { $0.source.consoleClientCount() },
        .process("console_statements_total", .counter, "Statements that the console took up") { $0.status.statements },
        .process("memory_resident_bytes", .gauge, "Memory of the process that is resident") {
            $0.source.residentBytes()
        },
        .process("memory_lane_buffers_bytes", .gauge, "Memory of the lanes' own buffers") {
            $0.source.laneCount * NetworkLimits.scratchBytes
        },
    ]

    private static let encryption: [Figure] = EncryptionFigure.allCases.map { figure in
        Figure(
            name: figure.rawValue, kind: figure.kind, unit: .one, help: figure.help, labels: [.cluster],
            places: .table
        ) { look in
            look.encryption.filter { $0.figure == figure }.map {
                FigureSample(labels: [$0.cluster ?? ""], value: .number(Int64(clamping: $0.value)))
            }
        }
    }
}
