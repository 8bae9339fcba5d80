// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import JSON
import Ocean
import OceanSandbox
import Testing

@Suite("$process-messages", .timeLimit(.minutes(15)))
struct ProcessMessagesTests {
    typealias Dialect = UpdateBundle.ListingDialectName

    private func listing(_ dialect: Dialect) -> String { dialect == .fhir0100 ? "old-1" : "new-1" }

    /// Sends a referral and posts bundles about it.
    private func process(
        _ dialect: Dialect, _ bundles: (UpdateBundle) -> [[UInt8]]
    ) async throws -> ReferralSnapshot {
        var output: ReferralSnapshot?
        try await Bench.run { bench in
            let reference = try await bench.ocean.send(.backPain, to: listing(dialect))
            for body in bundles(UpdateBundle(dialect: dialect, reference: reference)) {
                let answer = try await bench.process(body)
                #expect(answer.status == 200)
                #expect(answer.json["resourceType"]?.stringValue == "OperationOutcome")
            }
            output = try await bench.snapshot(reference)
        }
        return try #require(output)
    }

    @Test("accept, decline and complete move the folders", arguments: Dialect.allCases)
    func statuses(dialect: Dialect) async throws {
        #expect(try await process(dialect) { [$0.task("accepted")] }.receiverFolder == .pendingBooking)
        let declined = try await process(dialect) { [$0.task("rejected", reason: "Not our service")] }
        #expect(declined.senderFolder == .declined)
        #expect(declined.statusReason == "Not our service")
        let reopened = try await process(dialect) { [$0.task("completed"), $0.task("accepted")] }
        #expect(reopened.senderFolder == .pendingBooking)
        #expect(reopened.history.map(\.receiverFolder) == [.new, .completed, .pendingBooking])
    }

    @Test("bookings, confirmations and cancellations move the folders", arguments: Dialect.allCases)
    func bookings(dialect: Dialect) async throws {
        let booked = try await process(dialect) { [$0.appointment()] }
        #expect(booked.receiverFolder == .bookingUnconfirmed)
        let confirmed = try await process(dialect) { [$0.appointment(), $0.appointment(participant: "accepted")] }
        #expect(confirmed.receiverFolder == .bookingConfirmed)
        #expect(confirmed.appointments.count == 1)
        let cancelled = try await process(dialect) {
            [$0.appointment(), $0.appointment(start: nil, status: "cancelled", participant: "declined")]
        }
        #expect(cancelled.receiverFolder == .pendingBooking)
        let comments = try await process(dialect) {
            [$0.appointment(start: nil, status: "proposed", participant: nil, comments: "Bring your card")]
        }
        #expect(comments.receiverFolder == .new)
        #expect(comments.bookingComments == "Bring your card")
    }

    @Test("a message waits for the sender's answer", arguments: Dialect.allCases)
    func message(dialect: Dialect) async throws {
        let asked = try await process(dialect) { [$0.communication("Which side?")] }
        #expect(asked.receiverFolder == .awaitingReply)
        #expect(asked.senderFolder == .awaitingResponse)
        #expect(asked.messages.map(\.text) == ["Which side?"])
    }

    @Test("the eConsult flag and the redirect address are kept", arguments: Dialect.allCases)
    func extensions(dialect: Dialect) async throws {
        let changed = try await process(dialect) {
            [
                $0.task(
                    "accepted",
                    extensions: [
                        ["url": .string(ExtensionURL.patientNeedsToBeSeen), "valueBoolean": false],
                        ["url": .string(ExtensionURL.thirdPartyRedirect), "valueUri": "https://example.org/book"],
                    ])
            ]
        }
        #expect(changed.isConsult)
        #expect(changed.redirectURL == "https://example.org/book")
    }

    @Test("a corrected category and corrected demographics reach the next bundle")
    func corrections() async throws {
        try await Bench.run { bench in
            let reference = try await bench.ocean.send(.backPain, to: "new-1")
            let bundle = UpdateBundle(dialect: .fhir0111, reference: reference)
            let request: JSONValue = [
                "resourceType": "ServiceRequest", "id": "x", "code": ["coding": [["code": "394582007"]]],
            ]
            let patient: JSONValue = [
                "resourceType": "Patient", "id": "p", "name": [["family": "Corrected"]],
            ]
            #expect(try await bench.process(bundle.correction(request)).status == 200)
            #expect(try await bench.process(bundle.correction(patient)).status == 200)
            #expect(try await bench.snapshot(reference).correctedCategory == "394582007")
            let echo = try await bench.next { $0.resource("Patient")?["name"]?[0]?["family"] == "Corrected" }
            #expect(echo.resource("ServiceRequest")?["code"]?["coding"]?[0]?["code"] == "394582007")
        }
    }

    @Test("a site that is not the receiver is refused with 403 and an OperationOutcome", arguments: Dialect.allCases)
    func foreignSite(dialect: Dialect) async throws {
        try await Bench.run { bench in
            let reference = try await bench.ocean.send(.backPain, to: listing(dialect))
            let body = UpdateBundle(dialect: dialect, reference: reference).task("accepted")
            let answer = try await bench.process(body, client: "other-client")
            #expect(answer.status == 403)
            #expect(answer.json["issue"]?[0]?["code"]?.stringValue == "forbidden")
            #expect(try await bench.snapshot(reference).receiverFolder == .new)
        }
    }

    @Test("a forward makes a referral for the new listing, and the old receiver loses its right")
    func forward() async throws {
        try await Bench.run { bench in
            let reference = try await bench.ocean.send(.backPain, to: "new-1")
            let new = "33333333-aaaa-4bbb-8ccc-000000000001"
            let bundle = UpdateBundle(dialect: .fhir0111, reference: reference)
            #expect(try await bench.process(bundle.forward(to: "other-1", newReference: new)).status == 200)
            #expect(try await bench.snapshot(reference).receiverFolder == .forwarded)
            #expect(try await bench.snapshot(new).replaces == reference)
            #expect(try await bench.process(bundle.task("accepted")).status == 403)
            let taken = UpdateBundle(dialect: .fhir0111, reference: new).task("accepted")
            #expect(try await bench.process(taken).status == 403)
            #expect(try await bench.process(taken, client: "other-client").status == 200)
            let added = try await bench.next { call in
                let destination = call.resource("MessageHeader")?["destination"]?[0]?["name"]?.stringValue
                return call.event == "add-service-request" && destination == "Other"
            }
            let requests = added.resources.filter { $0["resourceType"] == "ServiceRequest" }
            #expect(requests.count == 2)
            #expect(added.resource("MessageHeader")?["focus"]?[0]?["reference"]?.stringValue == "urn:uuid:\(new)")
        }
    }

    @Test("a forward to an unknown listing changes nothing")
    func unknownListing() async throws {
        try await Bench.run { bench in
            let reference = try await bench.ocean.send(.backPain, to: "new-1")
            let body = UpdateBundle(dialect: .fhir0111, reference: reference).forward(to: "nowhere", newReference: "n")
            #expect(try await bench.process(body).status == 404)
            #expect(try await bench.snapshot(reference).forwardedTo == nil)
        }
    }

    @Test(
        "what Ocean cannot read is refused with 400",
        arguments: ["", "[]", "{}", #"{"resourceType":"Bundle","type":"message","entry":[]}"#])
    func unreadable(body: String) async throws {
        try await Bench.run { bench in
            let answer = try await bench.process(Array(body.utf8))
            #expect(answer.status == 400)
            #expect(answer.json["resourceType"]?.stringValue == "OperationOutcome")
        }
    }

    @Test("an event of the sender and an unknown code are refused, an unknown referral is not found")
    func wrongEvents() async throws {
        try await Bench.run { bench in
            let reference = try await bench.ocean.send(.backPain, to: "new-1")
            let bundle = UpdateBundle(dialect: .fhir0111, reference: reference)
            let task: JSONValue = ["resourceType": "Task", "id": "t", "status": "accepted"]
            #expect(try await bench.process(bundle.bundle("revoke-service-request", focus: [task])).status == 400)
            #expect(try await bench.process(bundle.bundle("no-such-event", focus: [task])).status == 400)
            #expect(try await bench.process(bundle.appointment(start: "soon")).status == 400)
            let unknown = UpdateBundle(dialect: .fhir0111, reference: "unknown").task("accepted")
            #expect(try await bench.process(unknown).status == 404)
        }
    }
}
