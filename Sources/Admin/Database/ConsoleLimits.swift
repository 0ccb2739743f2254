// Every bound of the console's SQL, in one place.

/// What one console statement may cost.
package struct ConsoleLimits: Sendable {
    /// Rows in one result.
    package var resultRowsMaximum = 100_000
    /// Bytes of values in one result.
    package var resultBytesMaximum = 64 << 20
    /// How long one statement may run.
    package var statementTimeout: Duration = .seconds(5)
    /// Bytes of statement text.
    package var statementBytesMaximum = 64 << 10

    /// The limits of the product.
    package init() {}

    /// What SQLite may allocate, in bytes. SQLite keeps this per process, so all console databases share it.
    static let sqliteHeapBytesMaximum: Int64 = 64 << 20
    /// Bytes of one text inside SQLite.
    static let valueBytesMaximum: Int32 = 1 << 20
    /// Nesting of an expression.
    static let expressionDepthMaximum: Int32 = 200
    /// Terms of a compound SELECT.
    static let compoundSelectMaximum: Int32 = 100
    /// Columns of a result or of an intermediate table.
    static let columnsMaximum: Int32 = 500
    /// Arguments of one function.
    static let functionArgumentsMaximum: Int32 = 100
    /// Instructions of a compiled statement.
    static let programInstructionsMaximum: Int32 = 100_000
    /// SQLite asks whether time is up after this many of its instructions.
    static let instructionsBetweenClockReads: Int32 = 1_000
    /// A function that looks for one text in another asks after this many places: at most as many times a text's length.
    static let placesBetweenClockReads = 64
    /// Statement text made by a `SHOW … WHERE`, in bytes: the shown rows travel as literals.
    static let shownTextBytesMaximum = 1 << 20
}
