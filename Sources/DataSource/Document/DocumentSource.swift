// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

/// Where a named document comes from.
package protocol DocumentSource: Sendable {
    /// The document as it is now, from memory where there is one.
    ///
    /// - Parameters:
    ///   - parameters: allowed ones only, by name; empty for a source that takes none.
    ///   - question: the id of the question, should one be asked.
    /// - Throws: why there is none.
    func document(_ parameters: [String: String], question: String) async throws(DataSourceError) -> DataReading
}

/// A document with how old it is.
package struct DataReading: Sendable, Hashable {
    package let document: DataDocument
    /// Since the document was last known to be current; nil where the source itself tells of every change.
    package let age: Duration?

    package init(_ document: DataDocument, age: Duration? = nil) {
        self.document = document
        self.age = age
    }
}
