// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore

/// The bodies that the generator posts to the ingress: small message bundles of an invented patient.
enum WebhookBody {
    /// The same marker always gives the same bytes.
    static func bundle(_ marker: Marker) -> String {
        let request = uuid(marker.referral, 3, 0)
        let patient = uuid(marker.referral, 4, 0)
        let header = uuid(marker.referral, 2, marker.sequence)
        let bundle = uuid(marker.referral, 1, marker.sequence)
        // Rising within the referral, so that nothing in order is marked as late.
        let time = Timestamp(milliseconds: 1_767_225_600_000 + Int64(marker.sequence) * 1000).description
        let event = marker.sequence == 1 ? "add-service-request" : "notify-update-service-request"
        let system = "http://127.0.0.1/svc/fhir/v1/NamingSystem/id-ereferral-reference"
        return """
            {"resourceType":"Bundle","id":"\(bundle)","meta":{"lastUpdated":"\(time)","security":[{"system":\
            "http://terminology.hl7.org/CodeSystem/v3-ActReason","code":"HTEST"}]},"type":"message",\
            "timestamp":"\(time)","entry":[{"fullUrl":"urn:uuid:\(header)","resource":{"resourceType":"MessageHeader",\
            "id":"\(header)","extension":[{"url":\
            "http://ehealthontario.ca/fhir/StructureDefinition/ext-referral-identifier","valueIdentifier":\
            {"system":"\(system)","value":"\(marker.referral)"}}],"eventCoding":{"system":\
            "https://ehealthontario.ca/fhir/CodeSystem/message-event-code","code":"\(event)"},"source":{"name":"Ocean",\
            "endpoint":"http://127.0.0.1/svc/fhir/v1/$process-messages"},"focus":[{"reference":"urn:uuid:\(request)"}]}},\
            {"fullUrl":"urn:uuid:\(request)","resource":{"resourceType":"ServiceRequest","id":"\(request)",\
            "identifier":[{"system":"\(system)","value":"\(marker.referral)"}],"status":"active","intent":"order",\
            "subject":{"reference":"urn:uuid:\(patient)"},"authoredOn":"2026-01-01T00:00:00.000Z",\
            "note":[{"text":"\(marker.text)"}]}},{"fullUrl":"urn:uuid:\(patient)","resource":{"resourceType":"Patient",\
            "id":"\(patient)","name":[{"family":"Invented","given":["Faulty"]}]}}]}
            """
    }

    /// JSON that is no payload of Ocean's: it belongs into the invalid lane.
    static func unparsable(_ marker: Marker) -> String {
        #"{"resourceType":"Bundle","type":"message","entry":[],"note":"\#(marker.text)"}"#
    }

    /// The bundle as it stands inside a JSON string.
    static func escaped(_ body: String) -> String {
        var output: [UInt8] = []
        output.reserveCapacity(body.utf8.count + 256)
        for byte in body.utf8 {
            if byte == 0x22 || byte == 0x5C { output.append(0x5C) }
            output.append(byte)
        }
        return String(decoding: output, as: UTF8.self)
    }

    private static func uuid(_ referral: String, _ kind: Int, _ sequence: Int) -> String {
        // FNV-1a: only to be different.
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in referral.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
        let digits = hex(hash, 16)
        let number = hex(UInt64(sequence), 8)
        return
            "\(digits.prefix(8))-\(digits.dropFirst(8).prefix(4))-4000-8\(hex(UInt64(kind), 3))-\(digits.suffix(4))\(number)"
    }

    private static func hex(_ value: UInt64, _ width: Int) -> String {
        let text = String(value, radix: 16)
        return String(repeating: "0", count: max(0, width - text.count)) + text
    }
}
