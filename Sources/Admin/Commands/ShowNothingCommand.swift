// SHOW statements that GUIs send on every refresh and whose honest answer here is an empty list.

/// `SHOW WARNINGS`, `SHOW INDEX FROM t`, `SHOW TRIGGERS`, …: the right columns and no rows.
struct ShowNothingCommand: ConsoleCommand {
    private let columns: [String]

    static func parse(_ start: ConsoleTokenCursor) throws(ConsoleError) -> ShowNothingCommand? {
        for (words, columns) in lists {
            var cursor = start
            if cursor.take("SHOW"), words.allSatisfy({ cursor.take($0) }) {
                return ShowNothingCommand(columns: columns)
            }
        }
        return nil
    }

    func answer(in database: ConsoleDatabase) throws(ConsoleError) -> ConsoleResult { .text(columns, []) }

    private static let indexColumns = [
        "Table", "Non_unique", "Key_name", "Seq_in_index", "Column_name", "Collation", "Cardinality", "Sub_part",
        "Packed", "Null", "Index_type", "Comment", "Index_comment", "Visible", "Expression",
    ]

    private static let routineColumns = [
        "Db", "Name", "Type", "Definer", "Modified", "Created", "Security_type", "Comment", "character_set_client",
        "collation_connection", "Database Collation",
    ]

    private static let lists: [(words: [String], columns: [String])] = [
        (["WARNINGS"], ["Level", "Code", "Message"]),
        (["ERRORS"], ["Level", "Code", "Message"]),
        (["INDEX"], indexColumns), (["INDEXES"], indexColumns), (["KEYS"], indexColumns),
        (["PROCEDURE", "STATUS"], routineColumns), (["FUNCTION", "STATUS"], routineColumns),
        (
            ["TRIGGERS"],
            [
                "Trigger", "Event", "Table", "Statement", "Timing", "Created", "sql_mode", "Definer",
                "character_set_client", "collation_connection", "Database Collation",
            ]
        ),
        (
            ["EVENTS"],
            [
                "Db", "Name", "Definer", "Time zone", "Type", "Execute at", "Interval value", "Interval field",
                "Starts", "Ends", "Status", "Originator", "character_set_client", "collation_connection",
                "Database Collation",
            ]
        ),
        (["PLUGINS"], ["Name", "Status", "Type", "Library", "License"]),
    ]
}
