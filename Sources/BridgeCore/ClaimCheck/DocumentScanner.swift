// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

/// Looks for viruses in a document before it is kept.
package protocol DocumentScanner: Sendable {
    /// - Parameter path: the file on this machine.
    func scan(_ path: String) async -> ScanVerdict
}

/// What a scanner says of a document.
package enum ScanVerdict: Sendable, Hashable {
    case clean
    case infected
    /// No verdict; `reason` holds no patient data.
    case failed(reason: String)
}
