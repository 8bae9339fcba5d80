// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

package import BridgeCore
import Crypto
import JSON

/// The identity of what a message says, whichever envelope it came in.
///
/// Left out is what a sender makes anew when it sends the same thing again: ids of Bundle, MessageHeader and Task, the
/// times of Bundle and resource metadata. Ids and times that belong to the content (an appointment's, a message's) stay:
/// a digest that differs without need costs a nuisance, one that agrees without right a message.
package enum ContentDigest {
    /// Lower-case hexadecimal SHA-256.
    package static func digest(of canonical: CanonicalMessage) -> String {
        var event = canonical.event
        event.bundleID = nil
        event.headerID = nil
        event.timestamp = nil
        var parts: [String] = [event.json.text(.canonical)]
        if var referral = canonical.referral {
            referral.modified = nil
            referral.tasks = referral.tasks.map { task in
                var task = task
                task.id = nil
                task.modified = nil
                return task
            }
            referral.unmapped.removeAll { isVolatile($0.path) }
            parts.append(referral.json.text(.canonical))
        }
        if let engagement = canonical.engagement { parts.append(engagement.json.text(.canonical)) }
        // Nothing was understood: then only the same bytes are the same content.
        if canonical.referral == nil, canonical.engagement == nil { parts.append(canonical.original.sha256) }
        return hexadecimal(parts.joined(separator: "\n"))
    }

    /// The same of an update: without the hospital's key for it and the time of the event, which a sender may make anew.
    package static func digest(of update: ReferralUpdate) -> String {
        var update = update
        update.idempotencyKey = nil
        update.occurredAt = nil
        return hexadecimal(update.json.text(.canonical))
    }

    /// Of a body as it came.
    package static func digest(of body: [UInt8]) -> String { hexadecimal(body) }

    private static let volatile: Set<String> = ["lastUpdated", "versionId", "timestamp", "fullUrl"]

    private static func isVolatile(_ path: String) -> Bool {
        guard let last = path.split(whereSeparator: { $0 == "." || $0 == "/" }).last else { return false }
        return volatile.contains(String(last))
    }

    private static func hexadecimal(_ text: String) -> String { hexadecimal(Array(text.utf8)) }

    private static func hexadecimal(_ bytes: [UInt8]) -> String {
        let digits: [UInt8] = Array("0123456789abcdef".utf8)
        var output: [UInt8] = []
        output.reserveCapacity(64)
        for byte in SHA256.hash(data: bytes) {
            output.append(digits[Int(byte >> 4)])
            output.append(digits[Int(byte & 15)])
        }
        return String(decoding: output, as: UTF8.self)
    }
}
