// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import JSON
import Ocean

/// Reads `{"ref", "site"?, "event"?, "time"?}`: the gateway's tests are not about Ocean's formats.
struct SampleReader: InboundReader {
    func read(_ body: [UInt8], mediaType: String) -> InboundContent {
        let json: JSONValue
        do throws(JSONError) {
            json = try JSONValue(parsing: body)
        } catch {
            return .notJSON(error)
        }
        if let challenge = json["challenge"]?.stringValue { return .challenge(challenge) }
        guard let reference = json["ref"]?.stringValue else {
            return .notUnderstood(reason: "unknown-format", detail: "no ref")
        }
        var canonical = CanonicalMessage()
        canonical.event.code = json["event"]?.stringValue ?? "add-service-request"
        canonical.original.mediaType = mediaType
        canonical.original.body = String(decoding: body, as: UTF8.self)
        if let site = json["engagementSite"]?.stringValue {
            canonical.engagement = Engagement()
            canonical.engagement?.site = site
        }
        return .message(
            InboundMessage(
                type: .referralReceived, subject: reference,
                time: json["time"]?.stringValue.flatMap { Timestamp($0) },
                attributes: MessageAttributes(site: json["site"]?.stringValue, event: canonical.event.code),
                canonical: canonical, ledger: Ledger()))
    }
}
