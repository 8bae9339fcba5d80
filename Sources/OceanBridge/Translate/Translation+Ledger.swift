// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import JSON
import Ocean

extension Translation {
    /// The account from the source to the target, through the canonical message.
    func ledger(of inbound: InboundMessage, writtenAs written: Translated) -> Ledger {
        var first = inbound.ledger
        if source == .oceanJSON {
            // That reader counts from the part of the canonical message which it fills.
            first = first.rooted(at: inbound.canonical.referral == nil ? "/engagement" : "/referral")
        }
        return target == .canonical ? first : first.composed(with: written.ledger)
    }

    /// The account of an update, whose writers keep none: found out by changing each value and translating again.
    func ledger(ofUpdate json: JSONValue, writtenAs body: [UInt8]) -> Ledger {
        guard let output = try? JSONValue(parsing: body) else { return Ledger() }
        return ProvenanceProbe.ledger(of: json, target: output) { changed in
            guard let written = try? writeUpdate(changed.bytes()) else { return nil }
            return try? JSONValue(parsing: written.body)
        }
    }
}
