// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import JSON

/// The canonical fields that Ocean JSON cannot hold, as places without numbers. The round-trip tests see to it that the
/// writer's ledger names each of them as dropped, and nothing else.
enum DroppedFields {
    /// Never held. Plain text beside HTML is not among them: it is made anew from the text.
    static let always: Set<String> = [
        "/tasks/*", "/resources/*", "/links/replaces/*", "/links/replacedBy/*", "/receiver/title",
        "/receiver/specialties/*", "/receiver/identifiers/*", "/receiver/organization", "/receiver/telecom/*",
        "/receiver/active", "/receiver/location", "/patient/active", "/patient/deceased",
        "/patient/deceasedDateTime", "/documents/*/status", "/communications/*/status",
        "/communications/*/documents/*/status", "/appointments/*/id", "/appointments/*/status",
        "/appointments/*/end", "/appointments/*/minutes", "/appointments/*/type/*", "/appointments/*/description",
        "/appointments/*/patientStatus", "/appointments/*/created", "/appointments/*/comment",
        "/appointments/*/cancellationReason", "/appointments/*/location", "/appointments/*/practitioner",
        "/forms/*/status", "/forms/*/authored",
    ]

    /// Held as far as Ocean JSON has room: one main name, a nickname and a maiden name; two addresses of the patient and
    /// one of a clinician with one contact point of each kind; identifiers that Ocean has members for; one master
    /// referral; appointments that take place.
    static let partly: Set<String> = [
        "/status", "/statusText", "/links/basedOn/*", "/appointments/*", "/appointments/*/patientInstruction",
        "/patient/names/*", "/patient/identifiers/*", "/patient/telecom/*", "/patient/addresses/*",
        "/patient/gender", "/patient/familyDoctor", "/patient/clinicDoctor", "/requester", "/submitter",
        "/communications/*", "/unmapped/*",
    ]

    /// `/referral/tasks/3/code/0/system` → `/tasks/*/code/*/system`.
    static func pattern(_ leaf: String) -> String {
        let tokens = leaf.split(separator: "/").dropFirst()
        return tokens.map { Int($0) == nil ? "/" + $0 : "/*" }.joined()
    }

    static func contains(_ fields: Set<String>, _ pattern: String) -> Bool {
        var place = pattern[...]
        while !place.isEmpty {
            if fields.contains(String(place)) { return true }
            guard let slash = place.utf8.lastIndex(of: 0x2F) else { return false }
            place = place[..<slash]
        }
        return false
    }
}
