// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import FHIR
import JSON
import Testing

@testable import Ocean

/// Well-formed JSON that makes no sense in places: it is read as far as it does, and nothing is lost.
@Suite struct SemanticOddityTests {
    private static func checked(
        _ name: String, _ change: (inout JSONValue) throws -> Void
    ) throws -> (InboundMessage, Referral) {
        var json = JSONValue.null
        let message = try FHIRReading.read(name) { value in
            try change(&value)
            json = value
        }
        #expect(message.ledger.entries.map(\.source).sorted() == FHIRReading.leaves(json).sorted())
        let written = try WriterTests.written(message)
        #expect(NormalRules.faults(in: try JSONValue(parsing: written.body)) == [])
        return (message, try #require(message.canonical.referral))
    }

    @Test(
        "of two patients the one that the request names counts, and the other stays apart",
        arguments: FHIRReading.offered)
    func twoPatients(_ dialect: String) throws {
        let (_, referral) = try Self.checked("\(dialect)/notify-update-service-request-accepted") { json in
            let position = try FHIRReading.position(of: "Patient", in: json)
            var second = try #require(json["entry"]?[position])
            second["fullUrl"] = "urn:uuid:11111111-2222-4333-8444-555555555555"
            let isSet = second.set(
                [["family": "Someone-Else"]], at: try JSONPointer("/resource/name"))
            #expect(isSet)
            second["resource"]?["id"] = "someone-else"
            json["entry"] = .array([second] + (json["entry"]?.arrayValue ?? []))
        }
        #expect(referral.patient?.names.first?.family == "Saint-Onge")
        #expect(referral.unmapped.contains { $0.path == "/entry/0/resource" })
    }

    @Test("two patients and no subject give no patient", arguments: FHIRReading.offered)
    func noSubject(_ dialect: String) throws {
        let (_, referral) = try Self.checked("\(dialect)/add-service-request-econsult") { json in
            let position = try FHIRReading.position(of: "Patient", in: json)
            var second = try #require(json["entry"]?[position])
            second["fullUrl"] = "urn:uuid:11111111-2222-4333-8444-555555555555"
            second["resource"]?["id"] = "someone-else"
            json["entry"] = .array((json["entry"]?.arrayValue ?? []) + [second])
            try FHIRReading.drop("ServiceRequest", "subject", in: &json)
        }
        #expect(referral.patient == nil)
    }

    @Test("a Task without basedOn, status or code is kept as a Task", arguments: FHIRReading.offered)
    func bareTask(_ dialect: String) throws {
        let (message, referral) = try Self.checked("\(dialect)/notify-update-service-request-accepted") { json in
            for member in ["basedOn", "status", "code", "intent"] {
                try FHIRReading.drop("Task", member, in: &json)
            }
        }
        #expect(message.type == .referralUpdated)
        #expect(referral.tasks.count == 1)
        #expect(referral.status == nil)
    }

    @Test("a Task of another referral changes nothing here", arguments: FHIRReading.offered)
    func strangeTask(_ dialect: String) throws {
        let (_, referral) = try Self.checked("\(dialect)/notify-update-service-request-reopened") { json in
            for (index, entry) in (json["entry"]?.arrayValue ?? []).enumerated()
            where entry["resource"]?["resourceType"] == "Task" && entry["resource"]?["status"] == "accepted" {
                let isSet = json.set(
                    [["reference": "ServiceRequest/another-one"]],
                    at: try JSONPointer("/entry/\(index)/resource/basedOn"))
                #expect(isSet)
            }
        }
        #expect(referral.status == .declined)
        #expect(referral.tasks.count == 1)
    }

    @Test("focus that leads nowhere still tells its type, and the referral is found", arguments: FHIRReading.offered)
    func danglingFocus(_ dialect: String) throws {
        let (message, referral) = try Self.checked("\(dialect)/notify-update-service-request-appointment-booked") {
            json in
            try FHIRReading.set([["reference": "Appointment/gone"]], "MessageHeader", "focus", in: &json)
        }
        #expect(message.type == .appointmentChanged)
        #expect(referral.patient?.names.first?.family == "Saint-Onge")
    }

    @Test("without any focus the header's reference places the message", arguments: FHIRReading.offered)
    func noFocus(_ dialect: String) throws {
        let (message, _) = try Self.checked("\(dialect)/notify-update-service-request-completed") { json in
            try FHIRReading.drop("MessageHeader", "focus", in: &json)
        }
        #expect(message.canonical.referral?.status == .completed)
        #expect(message.type == .referralUpdated)
    }

    @Test("dates that do not exist are kept as spelled and never written as dates", arguments: FHIRReading.offered)
    func impossibleDates(_ dialect: String) throws {
        let (message, referral) = try Self.checked("\(dialect)/notify-update-service-request-appointment-changed") {
            json in
            try FHIRReading.set("1968-02-30", "Patient", "birthDate", in: &json)
            try FHIRReading.set("2025-13-01T10:00:00Z", "Appointment", "start", in: &json)
            try FHIRReading.set("yesterday", "ServiceRequest", "authoredOn", in: &json)
            json["timestamp"] = "soon"
        }
        #expect(referral.patient?.birthDate == "1968-02-30")
        #expect(referral.appointments.first?.start == "2025-13-01T10:00:00Z")
        #expect(referral.sent == "yesterday")
        #expect(message.time == nil)
        #expect(message.canonical.event.timestamp == "soon")
    }

    @Test(
        "an end before the start, a length without a start and a negative length do no harm",
        arguments: FHIRReading.offered)
    func oddTimes(_ dialect: String) throws {
        let (_, referral) = try Self.checked("\(dialect)/notify-update-service-request-appointment-booked") { json in
            try FHIRReading.set("2025-05-12T09:00:00-04:00", "Appointment", "end", in: &json)
            try FHIRReading.set(-30, "Appointment", "minutesDuration", in: &json)
        }
        #expect(referral.appointments.first?.minutes == -30)
        let (_, second) = try Self.checked("\(dialect)/notify-update-service-request-appointment-booked") { json in
            try FHIRReading.drop("Appointment", "start", in: &json)
        }
        #expect(second.status == .accepted)
        #expect(second.appointments.first?.isRemoved == false)
    }

    @Test(
        "each member of each resource may be of any other kind",
        arguments: ["0.10.0/add-service-request-resent", "0.11.1/notify-update-service-request-service"])
    func wrongKinds(_ name: String) throws {
        let original = try FHIRReading.fixture(name).json
        for (index, entry) in (original["entry"]?.arrayValue ?? []).enumerated() {
            for member in entry["resource"]?.objectValue?.members ?? [] where member.name != "resourceType" {
                for junk: JSONValue in ["text", 7, true, [], ["x"], [["y": 1]], ["z": ["reference": 5]]] {
                    var json = original
                    let isSet = json.set(junk, at: try JSONPointer("/entry/\(index)/resource/\(member.name)"))
                    #expect(isSet)
                    do {
                        let message = try OceanFHIRReader().read(json, bytes: [], mediaType: "application/json")
                        #expect(
                            message.ledger.entries.count == FHIRReading.leaves(json).count,
                            "\(index) \(member.name) \(junk)")
                        _ = try WriterTests.written(message)
                    } catch let error as TranslationError {
                        #expect(error.code == .noReference)
                    }
                }
            }
        }
    }

    @Test("entries without resource, without type or with null are passed over", arguments: FHIRReading.offered)
    func brokenEntries(_ dialect: String) throws {
        let (_, referral) = try Self.checked("\(dialect)/add-service-request-resent") { json in
            let odd: [JSONValue] = [
                .null, "entry", ["fullUrl": "urn:uuid:x"], ["resource": "Patient"], ["resource": ["id": "no-type"]],
                ["resource": ["resourceType": 4]], ["resource": ["resourceType": "NoSuchType", "value": 1]], [:],
            ]
            json["entry"] = .array(odd + (json["entry"]?.arrayValue ?? []) + odd)
        }
        #expect(referral.patient != nil)
        #expect(referral.tasks.count == 1)
    }

    @Test("identifiers, codings and people without content are no content", arguments: FHIRReading.offered)
    func emptyShells(_ dialect: String) throws {
        let (_, referral) = try Self.checked("\(dialect)/add-service-request-econsult") { json in
            try FHIRReading.set([[:], ["value": ""], ["system": "x"]], "Patient", "identifier", in: &json)
            try FHIRReading.set([["coding": [[:]]], [:]], "ServiceRequest", "category", in: &json)
            try FHIRReading.set([[:]], "Patient", "name", in: &json)
        }
        #expect(referral.patient?.identifiers.count == 1)
        #expect(referral.patient?.healthNumber == nil)
        #expect(referral.category == [])
        #expect(referral.patient?.names == [])
    }
}
