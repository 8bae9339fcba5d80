// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import BridgeTestKit
import JSON
import Testing

@testable import Ocean

/// What each fixture is, and what state it puts the referral into.
@Suite struct MessageTypeTests {
    struct Row {
        let type: MessageType
        let status: ReferralStatus?
        var kind: ReferralKind?
        /// Event code of the routing key.
        let event: EventCode?

        init(_ type: MessageType, _ status: ReferralStatus?, _ event: EventCode?, kind: ReferralKind? = nil) {
            self.type = type
            self.status = status
            self.event = event
            self.kind = kind
        }
    }

    private static let update = "notify-update-service-request"

    /// By file name; where the two versions' files of a name differ, with the version.
    static let rows: [String: Row] = [
        "add-service-request": Row(.referralReceived, .received, .addServiceRequest),
        "add-service-request-no-priority": Row(.referralReceived, .received, .addServiceRequest),
        "add-service-request-sparse": Row(.referralReceived, .received, .addServiceRequest),
        "add-service-request-version-on-patient": Row(.referralReceived, .received, .addServiceRequest),
        "add-service-request-econsult": Row(.referralReceived, .received, .addServiceRequest, kind: .consult),
        "add-service-request-forwarded": Row(.referralForwarded, .received, .addServiceRequest),
        "add-service-request-forwarded-by-former": Row(.referralForwarded, .received, .addServiceRequest),
        "forwarded": Row(.referralForwarded, .received, .addServiceRequest),
        "add-service-request-split": Row(.referralReceived, .received, .addServiceRequest),
        "split-child": Row(.referralReceived, .received, .addServiceRequest),
        "add-service-request-resent": Row(.referralReceived, .booked, .addServiceRequest, kind: .referral),
        "notify-add-service-request": Row(.referralReceived, .received, .addServiceRequest),
        "0.10.0/notify-update-service-request": Row(.referralUpdated, .declined, .updateServiceRequest),
        "0.12/notify-update-service-request": Row(.referralUpdated, .accepted, .updateServiceRequest, kind: .referral),
        "0.10.0/notify-update-service-requests": Row(.referralUpdated, .accepted, .updateServiceRequest),
        "0.11.1/notify-update-service-requests": Row(
            .referralUpdated, .booked, .updateServiceRequest, kind: .referral),
        "update-service-request": Row(.referralUpdated, nil, .updateServiceRequest),
        "\(update)-accepted": Row(.referralUpdated, .accepted, .updateServiceRequest, kind: .referral),
        "\(update)-declined": Row(.referralUpdated, .declined, .updateServiceRequest, kind: .referral),
        "\(update)-completed": Row(.referralUpdated, .completed, .updateServiceRequest, kind: .referral),
        "\(update)-reopened": Row(.referralUpdated, .accepted, .updateServiceRequest, kind: .referral),
        "\(update)-econsult": Row(.referralUpdated, .accepted, .updateServiceRequest, kind: .consult),
        "\(update)-appointment-booked": Row(.appointmentChanged, .booked, .updateServiceRequest, kind: .referral),
        "\(update)-appointment-confirmed": Row(.appointmentChanged, .booked, .updateServiceRequest, kind: .referral),
        "\(update)-appointment-changed": Row(.appointmentChanged, .booked, .updateServiceRequest, kind: .referral),
        "\(update)s-appointment-removed": Row(
            .appointmentChanged, .accepted, .updateServiceRequest, kind: .referral),
        "\(update)-appointment-removed": Row(.appointmentChanged, nil, .updateServiceRequest),
        "\(update)-booking-comments": Row(.appointmentChanged, nil, .updateServiceRequest),
        "\(update)-wait-times": Row(.appointmentChanged, .booked, .updateServiceRequest),
        "\(update)-attachment": Row(.referralUpdated, nil, .updateServiceRequest),
        "\(update)-demographics": Row(.referralUpdated, nil, .updateServiceRequest),
        "\(update)-note": Row(.referralUpdated, nil, .updateServiceRequest),
        "\(update)-resources": Row(.referralUpdated, nil, .updateServiceRequest),
        "\(update)-service": Row(.appointmentChanged, .booked, .updateServiceRequest, kind: .referral),
        "\(update)-forwarded-away": Row(.referralForwarded, .forwarded, .updateServiceRequest),
        "\(update)-revoked": Row(.referralCancelled, .cancelled, .updateServiceRequest),
        "revoke-service-request": Row(.referralCancelled, .cancelled, .revokeServiceRequest),
        "notify-revoke-service-request": Row(.referralCancelled, .cancelled, .revokeServiceRequest),
        "send-communication-from-requester": Row(.communicationReceived, nil, .communicationFromRequester),
        "send-communication-from-requester-attachments": Row(
            .communicationReceived, nil, .communicationFromRequester),
        "send-communication-to-provider": Row(.communicationReceived, nil, .communicationFromRequester),
        "send-communication-from-provider": Row(
            .communicationReceived, .awaitingInformation, .communicationFromProvider),
        "send-communication": Row(.communicationReceived, .awaitingInformation, .sendCommunication),
        "notify-add-appointment": Row(.appointmentChanged, .booked, .addAppointment),
        "notify-add-appointments": Row(.appointmentChanged, .booked, .addAppointment),
        "add-appointment": Row(.appointmentChanged, .booked, .addAppointment),
        "notify-update-appointment": Row(.appointmentChanged, .booked, .updateAppointment),
        "notify-update-appointment-cancelled": Row(.appointmentChanged, nil, .updateAppointment),
        "update-appointment": Row(.appointmentChanged, .booked, .updateAppointment),
        "notify-update-status": Row(.referralUpdated, .accepted, .updateStatus),
        "update-patient-data": Row(.referralUpdated, nil, .updatePatientData),
        "notify-data-correction": Row(.referralUpdated, nil, .dataCorrection),
        "notify-report-service-request": Row(.appointmentChanged, .booked, .reportServiceRequest, kind: .referral),
        "notify-add-process-request": Row(.referralUpdated, .received, .addProcessRequest, kind: .referral),
        "0.11.1/notify-update-process-request": Row(.referralUpdated, .accepted, .updateProcessRequest),
        "0.12/notify-update-process-request": Row(
            .appointmentChanged, .booked, .updateProcessRequest, kind: .referral),
        "notify-add-service-record": Row(.referralUpdated, nil, .addServiceRecord),
        "notify-update-service-record": Row(.referralUpdated, .accepted, .updateServiceRecord, kind: .referral),
        "unknown-code": Row(.unknown, nil, nil),
    ]

    @Test("each message has the type, state, kind and code that its content says", arguments: try FHIRReading.all)
    func choice(_ path: String) throws {
        let name = String(path.dropFirst("ocean-fhir/".count).dropLast(".json".count))
        let file = String(name.drop { $0 != "/" }.dropFirst())
        let row = try #require(Self.rows[name] ?? Self.rows[file], "\(name) has no row")
        let message = try FHIRReading.fixture(name).message
        let referral = try #require(message.canonical.referral)
        #expect(message.type == row.type)
        #expect(referral.status == row.status)
        #expect(referral.kind == row.kind)
        #expect(EventCode(code: message.canonical.event.code) == row.event)
        #expect(message.attributes.event == message.canonical.event.code)
        #expect(message.attributes.dialect == String(name.prefix { $0 != "/" }))
    }

    @Test("every code that FHIR messages carry has a fixture in each version that defines it")
    func everyCode() throws {
        var seen: Set<String> = []
        for path in try FHIRReading.all {
            let name = String(path.dropFirst("ocean-fhir/".count).dropLast(".json".count))
            let message = try FHIRReading.fixture(name).message
            guard let code = EventCode(code: message.canonical.event.code) else { continue }
            seen.insert("\(name.prefix { $0 != "/" }) \(code.rawValue)")
        }
        for code in EventCode.allCases {
            for dialect in code.dialects where dialect.isFHIR {
                #expect(
                    seen.contains("\(dialect.rawValue) \(code.rawValue)"), "\(code.rawValue) in \(dialect.rawValue)")
            }
        }
    }
}

@Suite struct EventCodeTests {
    @Test("a code is known in singular, plural and older spellings", arguments: EventCode.allCases)
    func spellings(_ code: EventCode) {
        #expect(EventCode(code: code.rawValue) == code)
        #expect(EventCode(code: code.rawValue + "s") == code)
        for (alias, target) in EventCode.aliases where target == code {
            #expect(EventCode(code: alias) == code)
            #expect(EventCode(code: alias + "s") == code)
        }
    }

    @Test(
        "what is no code of Ocean's stays unknown",
        arguments: ["", "s", "add-service-requestss", "ADD-SERVICE-REQUEST", "add service request", "notify"])
    func unknown(_ code: String) {
        #expect(EventCode(code: code) == nil)
    }

    @Test("all codes of the playbook, of the guides and of Ocean's own clients are known")
    func complete() {
        let codes = [
            "add-service-request", "notify-update-service-request", "send-communication-from-requester",
            "revoke-service-request", "send-communication-from-provider", "notify-report-service-request",
            "notify-add-process-request", "notify-update-process-request", "notify-add-appointment",
            "send-communication", "notify-data-correction", "update-patient-data", "notify-update-service-requests",
            "notify-revoke-service-request", "notify-update-status", "notify-update-appointment", "add-appointment",
            "send-communication-to-provider", "notify-add-service-request", "update-service-request",
            "update-appointment", "notify-add-service-record", "notify-update-service-record",
            "notify-patient-message-forms-completion", "notify-patient-note-added",
        ]
        for code in codes { #expect(EventCode(code: code) != nil, "\(code)") }
    }

    @Test("the code may stand as an address, or under its name before R4")
    func otherPlaces() throws {
        for (member, value) in [
            ("eventUri", "https://ehealthontario.ca/fhir/CodeSystem/message-event-code#add-service-request"),
            ("eventUri", "http://example.org/event/notify-update-service-requests"),
        ] {
            let message = try FHIRReading.read("0.11.1/add-service-request") { json in
                try FHIRReading.drop("MessageHeader", "eventCoding", in: &json)
                try FHIRReading.set(.string(value), "MessageHeader", member, in: &json)
            }
            #expect(EventCode(code: message.canonical.event.code) != nil)
            #expect(message.type != .unknown)
        }
        let older = try FHIRReading.read("0.11.1/add-service-request") { json in
            try FHIRReading.drop("MessageHeader", "eventCoding", in: &json)
            try FHIRReading.set(["code": "revoke-service-request"], "MessageHeader", "event", in: &json)
        }
        #expect(older.type == .referralCancelled)
        let none = try FHIRReading.read("0.11.1/add-service-request") { json in
            try FHIRReading.drop("MessageHeader", "eventCoding", in: &json)
        }
        #expect(none.type == .unknown)
        #expect(none.canonical.referral?.patient != nil)
        #expect(none.attributes.event == nil)
    }
}
