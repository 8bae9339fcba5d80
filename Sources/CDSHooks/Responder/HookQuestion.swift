// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import JSON

/// The question that goes to a hospital's service: the call as CDS Hooks has it, without any access token, and the
/// canonical referral beside it.
struct HookQuestion: Sendable {
    let service: HookService
    let request: HookRequest
    let subject: HookSubject?

    func message(id: String, now: Timestamp, trace: TraceContext?) -> Message {
        Message(
            id: id, source: "/cds/\(service.id)", type: .questionAsked, subject: subject?.referral.ref, time: now,
            attributes: MessageAttributes(
                site: subject?.site ?? service.site, service: subject?.service, event: request.hook),
            trace: trace, body: JSONValue.object(body).bytes())
    }

    private var body: JSONObject {
        var object = JSONObject()
        object["hook"] = .string(request.hook)
        object["hookInstance"] = .string(request.hookInstance)
        object["context"] = request.context
        var prefetch = JSONObject()
        for key in PrefetchKey.allCases {
            switch request[key] {
            case .absent: break
            case .empty: prefetch[key.rawValue] = .null
            case .failed: prefetch[key.rawValue] = ["resourceType": "OperationOutcome"]
            case .present(let resource): prefetch[key.rawValue] = resource
            }
        }
        object["prefetch"] = .object(prefetch)
        var ours: JSONObject = ["service": .string(service.id)]
        ours.append("referral", subject.map { $0.referral.json })
        object["extension"] = ["ca.ocean-bridge": .object(ours)]
        return object
    }
}
