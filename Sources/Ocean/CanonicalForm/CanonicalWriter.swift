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
        try write(message, canonical, detail: .everything)
    }

    package func write(
        _ message: Message, _ canonical: CanonicalMessage, detail: LedgerDetail
    ) throws(TranslationError) -> Translated {
        var ledger = Ledger()
        if detail == .everything {
            JSONLeaves.each(of: canonical.json, at: "") { leaf, _ in ledger.add(.kept, source: leaf, target: leaf) }
        }
        return Translated(body: canonical.json.bytes(.compact), ledger: ledger)
    }
}
