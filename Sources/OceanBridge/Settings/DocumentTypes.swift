// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import Workers

/// The kinds of documents that the program knows, as a setting spells them.
enum DocumentTypes {
    static let all = DocumentType.allCases.map(\.rawValue).joined(separator: ",")
}
