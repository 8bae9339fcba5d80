// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

/// A received JSON text, checked in full, with an index (the tape) over its bytes.
///
/// Nothing is decoded until asked for, and the bytes stay as they came. The tape takes 16 bytes per value and per
/// member name: about as much as the text for usual documents, eight times the text at worst.
package struct JSONDocument: Sendable {
    let storage: TapeStorage

    /// Checks grammar, UTF-8, escapes, surrogates, duplicate names, depth and what follows the value.
    /// - Throws: `JSONError` with the place of the first fault found.
    package init(parsing bytes: [UInt8], limits: JSONLimits = .default) throws(JSONError) {
        let nodes = try bytes.withUnsafeBufferPointer { buffer throws(JSONError) in
            try TapeParser.tape(of: buffer, limits: limits)
        }
        storage = TapeStorage(bytes: bytes, nodes: nodes)
    }

    /// The text as received.
    package var bytes: [UInt8] { storage.bytes }

    /// The outermost value.
    package var root: JSONNode { JSONNode(storage: storage, index: 0) }
}

/// Shared by all views of a document, so that a view costs one reference.
final class TapeStorage: Sendable {
    let bytes: [UInt8]
    /// Never empty: the parser accepts no document without a value.
    let nodes: [TapeNode]

    init(bytes: [UInt8], nodes: [TapeNode]) {
        self.bytes = bytes
        self.nodes = nodes
    }
}
