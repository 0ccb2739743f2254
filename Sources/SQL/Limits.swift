// The bounds of reading SQL, each with its reason.

/// Bounds of what is remembered of texts.
package enum SQLLimits {
    /// The longest text whose classification is remembered. Longer ones are mostly written once.
    static let shapedTextBytes = 1_024
    /// Shapes that a lane remembers, in sets whose members a hash cannot tell apart: as many as an application has
    /// statements, in a quarter of a mebibyte.
    static let shapeSets = 64
    /// Members of a set: so many comparisons a text costs at most.
    static let shapeWays = 4
    /// Bytes of a text that its digest is made from on the data path: a long INSERT is told from others by its beginning.
    package static let digestedTextBytes = 4_096
}
