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
        bytes += "# HELP \(name) ".utf8
        append(escaped: figure.help, to: &bytes)
        bytes += ".\n# TYPE \(name) \(figure.kind.rawValue)\n".utf8
        for sample in reading.samples {
            let labels = labels(figure, sample)
            switch sample.value {
            case .number(nil): continue
            case .number(let number?):
                append(name, labels, decimal(number, per: figure.unit.perBase), to: &bytes)
            case .latencies(let latencies): append(latencies, name, labels, figure.unit.perBase, to: &bytes)
            }
        }
    }

    /// Buckets count what took no longer than their bound.
    private static func append(
        _ latencies: LatencySnapshot, _ name: String, _ labels: [UInt8], _ perBase: Int64, to bytes: inout [UInt8]
    ) {
        let bucket = "\(name)_bucket"
        let prefix = labels + (labels.isEmpty ? "le=\"" : ",le=\"").utf8
        for (bound, count) in latencies.cumulative {
            let end = decimal(Int64(clamping: bound), per: perBase)
            append(bucket, prefix + end.utf8 + [quote], String(count), to: &bytes)
        }
        append(bucket, prefix + "+Inf\"".utf8, String(latencies.count), to: &bytes)
        let sum = decimal(Int64(clamping: latencies.sumMicroseconds), per: perBase)
        append("\(name)_sum", labels, sum, to: &bytes)
        append("\(name)_count", labels, String(latencies.count), to: &bytes)
    }

    /// One line.
    private static func append(_ name: String, _ labels: [UInt8], _ value: String, to bytes: inout [UInt8]) {
        bytes += name.utf8
        if !labels.isEmpty {
            bytes.append(UInt8(ascii: "{"))
            bytes += labels
            bytes.append(UInt8(ascii: "}"))
        }
        bytes.append(UInt8(ascii: " "))
        bytes += value.utf8
        bytes.append(newline)
    }

    /// `name="text"` with commas between them, of those that have a text.
    private static func labels(_ figure: Figure, _ sample: FigureSample) -> [UInt8] {
        var bytes: [UInt8] = []
        for (label, text) in zip(figure.labels, sample.labels) where !text.isEmpty {
            if !bytes.isEmpty { bytes.append(UInt8(ascii: ",")) }
            bytes += label.rawValue.utf8
            bytes += "=\"".utf8
            append(escaped: text, quotes: true, to: &bytes)
            bytes.append(quote)
        }
        return bytes
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

    private static let quote = UInt8(ascii: "\"")
    private static let newline = UInt8(ascii: "\n")

    /// Byte by byte: this runs for every label of every scrape.
    private static func append(escaped text: String, quotes: Bool = false, to bytes: inout [UInt8]) {
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "\\"): bytes += "\\\\".utf8
            case newline: bytes += "\\n".utf8
            case quote where quotes: bytes += "\\\"".utf8
            default: bytes.append(byte)
            }
        }
    }
}
