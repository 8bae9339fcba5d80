// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

package import BridgeCore
import JSON

/// Writes the canonical message as it is: the data of `hospital.canonical`.
package struct CanonicalWriter: HospitalWriter {
    package init() {}

    package var contentType: String { "application/json" }

    /// Never throws: the canonical form holds every canonical message.
    package func write(_ message: Message, _ canonical: CanonicalMessage) throws(TranslationError) -> Translated {
        var ledger = Ledger()
        ledger.add(.kept, source: "", target: "", note: "the whole message")
        return Translated(body: canonical.json.bytes(.compact), ledger: ledger)
    }
}
