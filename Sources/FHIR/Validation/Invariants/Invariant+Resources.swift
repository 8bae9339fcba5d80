// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import JSON

extension Invariant {
    static let workflow: [Invariant] = [
        Invariant("prr-1", "orderDetail needs a code") { !$0.has("orderDetail") || $0.has("code") },
        Invariant("inv-1", "lastModified is not before authoredOn") { node in
            guard let modified = node.moment("lastModified"), let authored = node.moment("authoredOn") else {
                return true
            }
            return !authored.isAfter(modified)
        },
        Invariant("app-1", "a participant has a type or an actor") { $0.has("type") || $0.has("actor") },
        Invariant("app-2", "start and end are both there or both missing") { $0.has("start") == $0.has("end") },
        Invariant("app-3", "only a proposed, cancelled or waitlisted appointment has no start and end") { node in
            node.has("start") && node.has("end") || node.isOne("status", of: ["proposed", "cancelled", "waitlist"])
        },
        Invariant("app-4", "only a cancelled appointment or a no-show has a cancelationReason") { node in
            !node.has("cancelationReason") || node.isOne("status", of: ["cancelled", "noshow"])
        },
        Invariant("pat-1", "a contact has a name, telecom, address or organization") { node in
            node.has("name") || node.has("telecom") || node.has("address") || node.has("organization")
        },
        Invariant("org-1", "an organization has a name or an identifier") { $0.has("identifier") || $0.has("name") },
        Invariant("org-2", "an organization's address is not of use home") { !anyIsHome($0["address"]) },
        Invariant("org-3", "an organization's telecom is not of use home") { !anyIsHome($0["telecom"]) },
    ]

    static let records: [Invariant] = [
        Invariant("qrs-1", "items stand under the item or under its answers, not both") { node in
            !node.has("answer") || !node.has("item")
        },
        Invariant("ppc-1", "a consent has a policy or a policyRule") { $0.has("policy") || $0.has("policyRule") },
        Invariant("sev-1", "an entity has a name or a query, not both") { !$0.has("name") || !$0.has("query") },
    ]

    static let clinical: [Invariant] = [
        Invariant("con-1", "a stage has a summary or an assessment") { $0.has("summary") || $0.has("assessment") },
        Invariant("con-2", "evidence has a code or a detail") { $0.has("code") || $0.has("detail") },
        Invariant(
            "con-3", "a problem list item that is no mistake has a clinicalStatus", severity: .warning
        ) { node in
            if node.has("clinicalStatus") || node.hasCoding("verificationStatus", ["entered-in-error"]) { return true }
            return node["category"]?.elements.contains(where: { category in
                category["coding"]?.elements.contains(where: { $0["code"]?.equals("problem-list-item") == true })
                    ?? false
            }) != true
        },
        Invariant("con-4", "a condition that has abated is inactive, in remission or resolved") { node in
            !node.hasChoice("abatement") || node.hasCoding("clinicalStatus", ["inactive", "remission", "resolved"])
        },
        Invariant("con-5", "a mistaken condition has no clinicalStatus") { node in
            !node.hasCoding("verificationStatus", ["entered-in-error"]) || !node.has("clinicalStatus")
        },
        Invariant("fhs-1", "a relative has an age or a time of birth, not both") { node in
            !node.hasChoice("age") || !node.hasChoice("born")
        },
        Invariant("fhs-2", "only with an age is there an estimatedAge") { node in
            !node.has("estimatedAge") || node.hasChoice("age")
        },
        Invariant("ait-1", "an allergy that is no mistake has a clinicalStatus") { node in
            node.has("clinicalStatus") || node.hasCoding("verificationStatus", ["entered-in-error"])
        },
        Invariant("ait-2", "a mistaken allergy has no clinicalStatus") { node in
            !node.hasCoding("verificationStatus", ["entered-in-error"]) || !node.has("clinicalStatus")
        },
        Invariant("imm-1", "education has a documentType or a reference") { node in
            node.has("documentType") || node.has("reference")
        },
        Invariant("obs-3", "a reference range has a low, a high or a text") { node in
            node.has("low") || node.has("high") || node.has("text")
        },
        Invariant("obs-6", "dataAbsentReason stands only where there is no value") { node in
            !node.has("dataAbsentReason") || !node.hasChoice("value")
        },
        Invariant("obs-7", "a component with the observation's own code leaves no value beside it") { node in
            guard node.hasChoice("value"), let own = node["code"]?["coding"], let parts = node["component"] else {
                return true
            }
            let codes = Set(own.elements.compactMap(codeKey))
            return !parts.elements.contains { part in
                part["code"]?["coding"]?.elements.contains { codeKey($0).map(codes.contains) ?? false } ?? false
            }
        },
    ]

    /// System and code of a Coding; nil without a code.
    private static func codeKey(_ coding: JSONNode) -> String? {
        coding["code"]?.stringValue.map { "\(coding["system"]?.stringValue ?? "")\u{0}\($0)" }
    }

    private static func anyIsHome(_ list: JSONNode?) -> Bool {
        list?.elements.contains(where: { $0["use"]?.equals("home") == true }) ?? false
    }
}
