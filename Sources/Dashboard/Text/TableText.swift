// Tables, results and ticks of the console in JSON: from their definitions, whatever table it is.
internal import Admin
internal import Topology

/// The rows of a table.
enum TableText {
    /// What is told when an answer would be larger than one may be.
    static let tooLarge = HTTPResponse.failure(
        413, "the answer has more than \(HTTPLimits.answerBytes) bytes: ask for fewer rows")

    /// `{"table": …, "rows": [{…}], "count": …, "truncated": …}`.
    static func answer(_ table: ConsoleTable, _ selection: TableSelection) -> HTTPResponse {
        let wanted = selection.chosen(table.rows())
        var text = JSONText()
        var count = 0
        var isTruncated = false
        text.object { text in
            text.member("table", table.name)
            text.key("rows")
            text.array { text in
                for row in wanted {
                    guard count < selection.limit, text.bytes.count <= HTTPLimits.answerBytes else {
                        isTruncated = true
                        break
                    }
                    write(row, table.columns, to: &text)
                    count += 1
                }
            }
            text.member("count", Int64(count))
            text.member("truncated", isTruncated)
        }
        return text.bytes.count <= HTTPLimits.answerBytes ? .json(text) : tooLarge
    }

    /// One row as an object with a member for each column.
    static func write(_ row: [ConsoleValue], _ columns: [ConsoleColumn], to text: inout JSONText) {
        text.object { text in
            for (index, column) in columns.enumerated() {
                text.key(column.name)
                text.value(index < row.count ? row[index] : .null, of: column.type)
            }
        }
    }
}

/// The result of a statement.
enum ResultText {
    /// `{"columns": [{"name": …, "type": …}], "rows": [[…]], "affected_rows": …}`, or the error that the console gave.
    static func answer(_ result: Result<ConsoleResult, ConsoleError>) -> HTTPResponse {
        switch result {
        case .failure(let error):
            var text = JSONText()
            text.object { text in
                text.member("error", error.message)
                text.member("code", Int64(error.code))
                text.member("sql_state", error.sqlState)
            }
            return .json(text, status: error.code == ConsoleError.accessDeniedCode ? 403 : 400)
        case .success(let result):
            var text = JSONText()
            text.object { write(result, to: &$0) }
            return text.bytes.count <= HTTPLimits.answerBytes ? .json(text) : TableText.tooLarge
        }
    }

    private static func write(_ result: ConsoleResult, to text: inout JSONText) {
        text.key("columns")
        text.array { text in
            for column in result.columns {
                text.object { text in
                    text.member("name", column.name)
                    text.member("type", column.type.rawValue)
                }
            }
        }
        text.key("rows")
        text.array { text in
            for row in result.rows where text.bytes.count <= HTTPLimits.answerBytes {
                text.array { text in
                    for (value, column) in zip(row, result.columns) { text.value(value, of: column.type) }
                }
            }
        }
        text.member("affected_rows", Int64(result.affectedRows))
    }
}

extension EventLook {
    /// The tables that each tick carries whole: small ones, that say where traffic goes and why.
    static let tickTables = ["clusters", "routing_table"]

    /// Read on the console's queue. Without `told`, what happened before is not news.
    init(_ reader: ConsoleReader, _ tables: [String: ConsoleTable], after told: [String: RoutingEvent]?) {
        var newest: [String: RoutingEvent] = [:]
        var news: [RoutingEvent] = []
        for cluster in reader.clusters {
            let history = cluster.history()
            newest[cluster.name] = history.last
            guard let told else { continue }
            // What was told last may have left the history: then all of it is new.
            let start = told[cluster.name].flatMap { history.lastIndex(of: $0) }.map { $0 + 1 } ?? 0
            news += history[start...].suffix(HTTPLimits.eventsPerTick)
        }
        let columns = tables["routing_history"]?.columns ?? []
        events = news.sorted { $0.unixMilliseconds < $1.unixMilliseconds }.map { event in
            var text = JSONText()
            TableText.write(reader.row(of: event), columns, to: &text)
            return text
        }
        self.newest = newest
        tick = Self.tick(reader, tables)
    }

    /// `{"figures": […], "clusters": […], "routing_table": […]}`.
    private static func tick(_ reader: ConsoleReader, _ tables: [String: ConsoleTable]) -> JSONText {
        var text = JSONText()
        text.object { text in
            text.key("figures")
            text.array { text in
                for reading in reader.figures() where reading.isMain { write(reading, to: &text) }
            }
            for name in tickTables {
                guard let table = tables[name] else { continue }
                text.key(name)
                text.array { text in
                    for row in table.rows() { TableText.write(row, table.columns, to: &text) }
                }
            }
        }
        return text
    }

    /// One object for each sample: `{"name": …, "labels": {…}, "value": …}`; of a histogram `count`, `sum` and `buckets`,
    /// which are pairs of a bound in microseconds and how many took no longer.
    private static func write(_ reading: FigureReading, to text: inout JSONText) {
        for sample in reading.samples {
            text.object { text in
                text.member("name", reading.figure.name)
                text.key("labels")
                text.object { text in
                    for (label, value) in zip(reading.figure.labels, sample.labels) {
                        text.member(label.rawValue, value)
                    }
                }
                switch sample.value {
                case .number(let number):
                    text.key("value")
                    if let number { text.number(number) } else { text.null() }
                case .latencies(let latencies): write(latencies, to: &text)
                }
            }
        }
    }

    private static func write(_ latencies: LatencySnapshot, to text: inout JSONText) {
        text.member("count", Int64(clamping: latencies.count))
        text.member("sum", Int64(clamping: latencies.sumMicroseconds))
        text.key("buckets")
        text.array { text in
            for (bound, count) in latencies.cumulative {
                text.array { text in
                    text.number(Int64(clamping: bound))
                    text.number(Int64(clamping: count))
                }
            }
        }
    }
}
