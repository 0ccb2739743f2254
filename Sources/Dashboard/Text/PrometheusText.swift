// The figures in Prometheus's text format, version 0.0.4.
// https://prometheus.io/docs/instrumenting/exposition_formats/
internal import Admin
internal import Topology

/// Writes figures.
enum PrometheusText {
    static let contentType = "text/plain; version=0.0.4; charset=utf-8"

    /// The whole answer to a scrape.
    static func write(_ readings: [FigureReading]) -> [UInt8] {
        var bytes: [UInt8] = []
        for reading in readings where !reading.samples.isEmpty { append(reading, to: &bytes) }
        return bytes
    }

    private static func append(_ reading: FigureReading, to bytes: inout [UInt8]) {
        let figure = reading.figure
        let name = figure.prometheusName
        bytes += "# HELP \(name) \(escapedHelp(figure.help)).\n# TYPE \(name) \(figure.kind.rawValue)\n".utf8
        for sample in reading.samples {
            let labels = zip(figure.labels, sample.labels).filter { !$0.1.isEmpty }
                .map { "\($0.rawValue)=\"\(escapedLabel($1))\"" }.joined(separator: ",")
            switch sample.value {
            case .number(nil): continue
            case .number(let number?):
                let braces = labels.isEmpty ? "" : "{\(labels)}"
                bytes += "\(name)\(braces) \(decimal(number, per: figure.unit.perBase))\n".utf8
            case .latencies(let latencies): append(latencies, name, labels, figure.unit.perBase, to: &bytes)
            }
        }
    }

    /// Buckets count what took no longer than their bound.
    private static func append(
        _ latencies: LatencySnapshot, _ name: String, _ labels: String, _ perBase: Int64, to bytes: inout [UInt8]
    ) {
        let prefix = labels.isEmpty ? "" : "\(labels),"
        for (bound, count) in latencies.cumulative {
            let end = decimal(Int64(clamping: bound), per: perBase)
            bytes += "\(name)_bucket{\(prefix)le=\"\(end)\"} \(count)\n".utf8
        }
        let braces = labels.isEmpty ? "" : "{\(labels)}"
        bytes += "\(name)_bucket{\(prefix)le=\"+Inf\"} \(latencies.count)\n".utf8
        bytes += "\(name)_sum\(braces) \(decimal(Int64(clamping: latencies.sumMicroseconds), per: perBase))\n".utf8
        bytes += "\(name)_count\(braces) \(latencies.count)\n".utf8
    }

    /// `1234` per thousand as `1.234`: exact, which a division would not be.
    static func decimal(_ number: Int64, per base: Int64) -> String {
        guard base > 1 else { return String(number) }
        let (whole, rest) = number.magnitude.quotientAndRemainder(dividingBy: base.magnitude)
        let sign = number < 0 ? "-" : ""
        guard rest > 0 else { return "\(sign)\(whole)" }
        // One with the base's zeros in front keeps those of the fraction.
        var fraction = String((base.magnitude + rest)).dropFirst()
        while fraction.last == "0" { fraction.removeLast() }
        return "\(sign)\(whole).\(fraction)"
    }

    private static func escapedHelp(_ text: String) -> String {
        text.replacing("\\", with: "\\\\").replacing("\n", with: "\\n")
    }

    private static func escapedLabel(_ text: String) -> String {
        escapedHelp(text).replacing("\"", with: "\\\"")
    }
}
