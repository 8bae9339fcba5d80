// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import JSON
import NIOCore
import NIOHTTP1

/// A service of a discovery answer.
struct DiscoveredService: Sendable {
    let id: String
    let hook: String
    /// Templates by their keys, in the service's order.
    let prefetch: [(key: String, template: String)]

    init?(_ json: JSONValue) {
        guard let id = json["id"]?.stringValue, let hook = json["hook"]?.stringValue,
            json["description"]?.stringValue != nil
        else { return nil }
        self.id = id
        self.hook = hook
        prefetch = (json["prefetch"]?.objectValue?.members ?? []).compactMap { member in
            member.value.stringValue.map { (member.name, $0) }
        }
    }
}

/// Calls CDS services as a CDS client does (CDS Hooks 2.0): discovery, hook, feedback.
struct HookCaller: Sendable {
    let sender: WebhookSender

    /// The services of a server.
    func discover(_ client: PretendCDSClient) async throws(WebhookFailure) -> [DiscoveredService] {
        let answer = try await sender.exchange(
            .GET, client.endpoint.url + "/cds-services", as: client.endpoint, body: nil, timeout: timeout(client))
        guard answer.status == 200 else { throw WebhookFailure("discovery was answered \(answer.status)") }
        guard let services = (try? JSONValue(parsing: answer.body))?["services"]?.arrayValue else {
            throw WebhookFailure("the answer of discovery holds no services")
        }
        return services.compactMap { DiscoveredService($0) }
    }

    /// Asks one service about the draft. What fails stands in the conversation: the referral is sent all the same.
    func ask(
        _ service: DiscoveredService, of client: PretendCDSClient, about draft: DraftReferral,
        plan: PrefetchPlan, hookInstance: String, time: Timestamp
    ) async -> HookConversation {
        var talk = HookConversation()
        talk.time = time
        talk.client = client.endpoint.name
        talk.service = service.id
        talk.listing = draft.listing.reference
        talk.reference = draft.reference
        talk.hookInstance = hookInstance
        let url = client.endpoint.url + "/cds-services/\(service.id)"
        let body: JSONValue = [
            "hook": .string(service.hook), "hookInstance": .string(hookInstance), "context": draft.context,
            "prefetch": prefetch(service, draft, plan, url: url),
        ]
        let start = ContinuousClock.now
        do throws(WebhookFailure) {
            let answer = try await sender.exchange(
                .POST, url, as: client.endpoint, body: body.bytes(), timeout: timeout(client))
            talk.status = answer.status
            if answer.status == 200 {
                read(answer.body, into: &talk)
            } else {
                talk.failure = "answered \(answer.status)"
            }
        } catch {
            talk.failure = error.message
        }
        talk.milliseconds = Int((ContinuousClock.now - start) / .milliseconds(1))
        return talk
    }

    private func read(_ body: [UInt8], into talk: inout HookConversation) {
        guard let cards = (try? JSONValue(parsing: body))?["cards"]?.arrayValue else {
            talk.failure = "the answer holds no cards"
            return
        }
        talk.cards = cards.compactMap { HookCard(answer: $0) }
        talk.unreadableCards = cards.count - talk.cards.count
    }

    /// The sender has seen the cards and sends the referral nevertheless.
    ///
    /// - Returns: the status; nil when there was nothing to tell, or no answer.
    func overridden(
        _ talk: HookConversation, client: PretendCDSClient, time: Timestamp
    ) async -> Int? {
        let items = talk.cards.compactMap { card -> JSONValue? in
            guard let uuid = card.uuid else { return nil }
            return [
                "card": .string(uuid), "outcome": "overridden", "outcomeTimestamp": .string(time.description),
                "overrideReason": ["userComment": "Sent all the same."],
            ]
        }
        guard !items.isEmpty else { return nil }
        let body: JSONValue = ["feedback": .array(items)]
        let url = client.endpoint.url + "/cds-services/\(talk.service)/feedback"
        do throws(WebhookFailure) {
            return try await sender.exchange(
                .POST, url, as: client.endpoint, body: body.bytes(), timeout: timeout(client)
            ).status
        } catch {
            return nil
        }
    }

    private func prefetch(
        _ service: DiscoveredService, _ draft: DraftReferral, _ plan: PrefetchPlan, url: String
    ) -> JSONValue {
        var output = JSONObject()
        for (key, template) in service.prefetch {
            switch plan.state(of: key) {
            case .absent: continue
            case .none: output[key] = .null
            case .failed:
                output[key] = [
                    "resourceType": "OperationOutcome",
                    "issue": [["severity": "error", "code": "transient", "diagnostics": "Not to be had now."]],
                ]
            case .present:
                if let value = draft.prefetched(template, for: url) { output[key] = value }
            }
        }
        return .object(output)
    }

    private func timeout(_ client: PretendCDSClient) -> TimeAmount { .milliseconds(Int64(client.timeout)) }
}

extension PrefetchPlan {
    /// A key that Ocean does not know is fetched as its template says.
    fileprivate func state(of key: String) -> PrefetchState {
        switch key {
        case "patient": patient
        case "questionnaireResponse": questionnaireResponse
        case "userPractitioner": userPractitioner
        case "userPractitionerRole": userPractitionerRole
        case "v11Bundle": v11Bundle
        default: .present
        }
    }
}
