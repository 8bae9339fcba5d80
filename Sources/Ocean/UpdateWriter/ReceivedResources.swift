// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import JSON

/// The resources of the last bundle that Ocean sent for a referral, ready to be sent back: as received, each with an
/// `id` (the last part of its `fullUrl` where Ocean gives none). References inside stay as they are.
struct ReceivedResources {
    struct Entry {
        let fullURL: String?
        let resource: JSONObject
        var type: String { resource["resourceType"]?.stringValue ?? "" }
    }

    let entries: [Entry]

    /// - Throws: `TranslationError` `.invalid` when the stored bundle cannot be read.
    init(_ bytes: [UInt8]) throws(TranslationError) {
        let bundle: JSONValue
        do throws(JSONError) {
            bundle = try JSONValue(parsing: bytes)
        } catch {
            throw TranslationError(
                .invalid,
                "the stored bundle of the referral cannot be read; have Ocean resend the referral, then replay "
                    + "(\(error.code.rawValue) at offset \(error.offset))")
        }
        entries = (bundle["entry"]?.arrayValue ?? []).compactMap { entry in
            guard var resource = entry["resource"]?.objectValue,
                resource["resourceType"]?.stringValue != "MessageHeader"
            else { return nil }
            let fullURL = entry["fullUrl"]?.stringValue
            if resource["id"]?.stringValue == nil, let id = fullURL.flatMap({ Self.lastPart($0) }) {
                resource = resource.withID(id)
            }
            return Entry(fullURL: fullURL, resource: resource)
        }
    }

    /// The ServiceRequest of the referral itself: a bundle may hold those of other referrals, too.
    func request(of referral: String) -> JSONObject? {
        entries.first {
            $0.type == "ServiceRequest"
                && (ReceivedResource.identifier(.referral, of: .object($0.resource)) ?? $0.resource["id"]?.stringValue)
                    == referral
        }?.resource
    }

    /// The patient of the referral.
    func patient(of request: JSONObject?) -> JSONObject? {
        let patients = entries.filter { $0.type == "Patient" }
        let subject = request?["subject"]?["reference"]?.stringValue.flatMap { Self.lastPart($0) }
        let named = patients.first { $0.resource["id"]?.stringValue == subject }
        return (named ?? patients.first)?.resource
    }

    func first(_ type: String) -> JSONObject? { entries.first { $0.type == type }?.resource }

    private static func lastPart(_ reference: String) -> String? {
        reference.split(whereSeparator: { $0 == "/" || $0 == ":" }).last.map { String($0) }
    }
}

extension JSONObject {
    /// The same with this `id`, which stands right after the type.
    func withID(_ id: String) -> JSONObject {
        var output = JSONObject()
        if let type = self["resourceType"] { output["resourceType"] = type }
        output["id"] = .string(id)
        for member in self where member.name != "resourceType" && member.name != "id" {
            output[member.name] = member.value
        }
        return output
    }
}
