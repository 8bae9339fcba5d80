// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

package import BridgeCore

/// Fetches the key set of a client.
package protocol KeySource: Sendable {
    /// - Parameters:
    ///   - address: an `https` URL, or the absolute path of a file.
    ///   - limit: more bytes are an error.
    /// - Throws: when the set cannot be had; nothing of it is believed then.
    func keySet(at address: String, limit: Int) async throws(KeySourceError) -> [UInt8]
}

/// A key set that cannot be had now.
package struct KeySourceError: DisposedError, Hashable, CustomStringConvertible {
    /// Names the address and the remedy.
    package let message: String

    package init(_ message: String) {
        self.message = message
    }

    package var disposition: Disposition { .retry(after: nil) }
    package var reason: String { "keys-unavailable" }
    package var description: String { message }
}
