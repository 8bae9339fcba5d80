// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

package import BridgeCore
import Crypto
import JSON
import Ocean

/// What clinicians did with the cards of a service (CDS Hooks 2.0, "Feedback").
package struct HookFeedback: Sendable {
    package enum Outcome: String, Sendable, Hashable {
        case accepted, overridden
    }

    /// One for each card told of, in order.
    package let outcomes: [Outcome]
    private let service: HookService
    private let items: [JSONValue]
    private let digest: String

    /// - Throws: `notJSON`, `invalid`, with the JSON pointer of the place.
    package init(_ body: [UInt8], for service: HookService) throws(HookError) {
        let fields = try HookFields(body)
        let place = fields.pointer("feedback")
        guard let list = fields.object["feedback"]?.arrayValue, !list.isEmpty else {
            throw HookError(.invalid, at: place, "is required: a list of at least one outcome")
        }
        var outcomes: [Outcome] = []
        var items: [JSONValue] = []
        for (index, value) in list.enumerated() {
            guard var item = value.objectValue else {
                throw HookError(.invalid, at: place.appending(index), "expected an object, found \(value.kindName)")
            }
            let read = HookFields(item, at: place.appending(index))
            let card = try read.text("card")
            guard let outcome = Outcome(rawValue: try read.text("outcome")) else {
                throw HookError(.invalid, at: read.pointer("outcome"), "expected accepted or overridden")
            }
            guard Timestamp(try read.text("outcomeTimestamp")) != nil else {
                throw HookError(.invalid, at: read.pointer("outcomeTimestamp"), "expected a date and time with offset")
            }
            try Self.checkSuggestions(read)
            _ = try read.optionalObject("overrideReason")
            // Who said the card, for whoever counts which advice is followed.
            item["rule"] = nil
            item.append(
                "rule",
                CardIdentity.part(of: card, service: service.id, parts: service.parts).map { .string($0) })
            outcomes.append(outcome)
            items.append(.object(item))
        }
        self.outcomes = outcomes
        self.items = items
        self.service = service
        digest = SHA256.hash(data: body).map { String($0, radix: 16) }.joined(separator: ".")
    }

    /// The message for `hospital.canonical`; the same body gives the same id, so that a repetition is known.
    package func message(now: Timestamp, trace: TraceContext?) -> Message {
        Message(
            id: UUIDv5.make(namespace: UUIDv5.bridge, name: "cds-feedback:\(service.id):\(digest)"),
            source: "/cds/\(service.id)", type: .hookFeedback, subject: nil, time: now,
            dataSchema: Schemas.root + Self.schemaName,
            attributes: MessageAttributes(site: service.site, service: service.id, event: "cds-feedback"),
            trace: trace,
            body: JSONValue.object([
                "service": .string(service.id), "hook": .string(service.hook), "feedback": .array(items),
            ]).bytes())
    }

    /// `{site}.{service id}.cds-feedback`
    package var routingKey: String {
        RoutingKey.make(site: service.site, service: service.id, last: "cds-feedback")
    }

    private static func checkSuggestions(_ item: HookFields) throws(HookError) {
        guard let value = item.object["acceptedSuggestions"], !value.isNull else { return }
        let isGood = value.arrayValue?.allSatisfy { CardField.text($0["id"]) != nil } ?? false
        guard isGood else {
            throw HookError(.invalid, at: item.pointer("acceptedSuggestions"), "expected a list of objects with an id")
        }
    }
}
