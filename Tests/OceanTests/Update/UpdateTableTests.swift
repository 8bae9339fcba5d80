// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import FoundationEssentials
import JSON
import Ocean
import Testing

/// The table of docs/messages.md: what a single FHIR resource of a hospital means.
@Suite("What a FHIR resource of a hospital means")
struct UpdateTableTests {
    struct Row: Sendable, CustomTestStringConvertible {
        let resource: String
        let says: String
        /// Members of the resource besides its type.
        let members: [String]
        /// Status of the known referral; nil when nothing is known.
        var known: ReferralStatus?
        /// The action, or nil when it is refused.
        let action: UpdateAction?
        var isKnown = false
        var then: String
        var testDescription: String { "\(resource) \(says)" }
    }

    private static let start = #""start":"2026-05-01T10:00:00-04:00""#

    static let rows: [Row] = [
        Row(
            resource: "Task", says: "status `accepted`", members: [#""status":"accepted""#], action: .accept,
            then:
                "`description`, `businessStatus` and `note` become the text, `statusReason` the reason, `owner` the actor"
        ),
        Row(
            resource: "Task", says: "`accepted`, referral declined, completed or cancelled",
            members: [#""status":"accepted""#], known: .declined, action: .reopen, then: ""),
        Row(
            resource: "Task", says: "`accepted` with the third-party redirect extension",
            members: [
                #""status":"accepted","extension":[{"url":"\#(ExtensionURL.thirdPartyRedirect)","valueUri":"https://x.example/"}]"#
            ], action: .redirect, then: ""),
        Row(
            resource: "Task", says: "`in-progress`, `on-hold`, `ready`",
            members: [#""status":"in-progress""#, #""status":"on-hold""#, #""status":"ready""#], action: .accept,
            then: "Ocean shows no difference"),
        Row(
            resource: "Task", says: "the same without words, referral accepted or booked",
            members: [#""status":"in-progress""#, #""status":"on-hold""#], known: .booked, action: .accept,
            isKnown: true, then: "nothing is sent: it would undo a booking"),
        Row(
            resource: "Task", says: "`rejected`, `cancelled`",
            members: [#""status":"rejected""#, #""status":"cancelled""#], action: .decline,
            then: "reason from `statusReason`, else from the other words"),
        Row(resource: "Task", says: "`completed`", members: [#""status":"completed""#], action: .complete, then: ""),
        Row(
            resource: "Task", says: "an open status with the needs-to-be-seen extension `false`",
            members: [
                #""status":"requested","extension":[{"url":"\#(ExtensionURL.patientNeedsToBeSeen)","valueBoolean":false}]"#
            ], action: .convertToConsult, then: ""),
        Row(
            resource: "Task", says: "the same with `true`",
            members: [
                #""status":"accepted","extension":[{"url":"\#(ExtensionURL.patientNeedsToBeSeen)","valueBoolean":true}]"#
            ], action: .convertToReferral, then: ""),
        Row(
            resource: "Task", says: "code `request-for-information-for-requester` in an open status",
            members: [
                #""status":"requested","description":"Which side?","code":{"coding":[{"code":"request-for-information-for-requester"}]}"#
            ], action: .requestInformation, then: "the question is `description` or `note`"),
        Row(
            resource: "Task", says: "`requested`, `received`",
            members: [#""status":"requested""#, #""status":"received""#], action: nil,
            then: "Ocean takes no action on it; send `accepted`"),
        Row(
            resource: "Task", says: "`draft`, `failed`, `entered-in-error`",
            members: [#""status":"draft""#, #""status":"failed""#, #""status":"entered-in-error""#], action: nil,
            then: "send `rejected`, `completed` or `accepted`"),
        Row(
            resource: "Appointment", says: "`booked` with `start`", members: [#""status":"booked",\#(start)"#],
            action: .book, then: "confirmed, unless the patient's participant status says otherwise"),
        Row(
            resource: "Appointment", says: "`pending`, `proposed`, `waitlist` with `start`",
            members: [
                #""status":"pending",\#(start)"#, #""status":"proposed",\#(start)"#, #""status":"waitlist",\#(start)"#,
            ], action: .book, then: "unconfirmed, unless the patient accepted"),
        Row(
            resource: "Appointment",
            says: "`proposed`, `waitlist` without `start`, with `patientInstruction`, `comment` or `description`",
            members: [
                #""status":"proposed","patientInstruction":"We call you""#,
                #""status":"waitlist","comment":"We call you""#,
            ], action: .bookingComments, then: ""),
        Row(
            resource: "Appointment", says: "the same without words, `id` of a known appointment",
            members: [#""id":"2f7f9a06-6b0a-4d5e-8f7c-5d8e1f2a3b4c","status":"proposed""#], known: .booked,
            action: .cancelBooking, then: "so Ocean itself tells a removal"),
        Row(
            resource: "Appointment", says: "the same, `id` not known",
            members: [#""id":"x","status":"proposed""#, #""status":"waitlist""#], action: nil,
            then: "write the comment, or send `cancelled`"),
        Row(
            resource: "Appointment", says: "`cancelled`, `entered-in-error`",
            members: [#""status":"cancelled""#, #""status":"entered-in-error""#], action: .cancelBooking,
            then: "`id`, else the only known appointment; reason from `cancelationReason` or `comment`"),
        Row(
            resource: "Appointment", says: "`arrived`, `checked-in`, `fulfilled`",
            members: [#""status":"arrived""#, #""status":"checked-in""#, #""status":"fulfilled""#], action: nil,
            then: "Ocean has no form for a visit; send a Task `completed` when the referral is done"),
        Row(
            resource: "Appointment", says: "`noshow`", members: [#""status":"noshow""#], action: nil,
            then: "send `cancelled` with a reason, or a Communication"),
        Row(
            resource: "Communication", says: "`completed`, `in-progress` or no status",
            members: [
                #""status":"completed","payload":[{"contentString":"a"}]"#, #""payload":[{"contentString":"a"}]"#,
            ], action: .message,
            then:
                "`payload` texts and files (`contentAttachment`; `contentReference` to an entry of the same bundle), `sender`"
        ),
        Row(
            resource: "Communication", says: "topic `Request for information`",
            members: [
                #""status":"completed","topic":{"text":"Request for information"},"payload":[{"contentString":"a"}]"#
            ], action: .requestInformation, then: ""),
        Row(
            resource: "Communication", says: "any other status, or neither text nor topic",
            members: [#""status":"not-done","payload":[{"contentString":"a"}]"#, #""status":"completed""#], action: nil,
            then: "send `completed` with the text in `payload`"),
        Row(
            resource: "ServiceRequest", says: "`completed`", members: [#""status":"completed""#], action: .complete,
            then: ""),
        Row(
            resource: "ServiceRequest", says: "`revoked`", members: [#""status":"revoked""#], action: .decline,
            then: "a receiver cannot cancel; reason from `request-statusReason` or `note`"),
        Row(
            resource: "ServiceRequest", says: "`on-hold`", members: [#""status":"on-hold""#], action: .accept,
            then: "as a Task `on-hold`"),
        Row(
            resource: "ServiceRequest", says: "`active` with a `code` or `category` that is not the referral's",
            members: [
                #""status":"active","code":{"coding":[{"code":"103697008"}]}"#,
                #""status":"active","category":[{"coding":[{"code":"103697008"}]}]"#,
            ], known: .received, action: .correctCategory, then: ""),
        Row(
            resource: "ServiceRequest", says: "`active` with the referral's own `code` or `category`",
            members: [#""status":"active","category":[{"coding":[{"code":"49634009"}]}]"#], known: .received,
            action: .correctCategory, isKnown: true, then: "nothing is sent"),
        Row(
            resource: "ServiceRequest", says: "`active` with another `priority`",
            members: [#""status":"active","priority":"urgent""#], known: .received, action: nil,
            then: "Ocean takes no change of it; send a Communication"),
        Row(
            resource: "ServiceRequest", says: "`active` without either, `draft`, `entered-in-error`, `unknown`",
            members: [#""status":"active""#, #""status":"draft""#, #""status":"entered-in-error""#], action: nil,
            then: "send a Task"),
        Row(
            resource: "Patient", says: "any", members: [#""birthDate":"1990-01-01""#], action: .updateDemographics,
            then: "the referral is named by the subject"),
    ]

    @Test("each row is what the code does", arguments: rows)
    func row(row: Row) throws {
        for members in row.members {
            let body = "{\"resourceType\":\"\(row.resource)\",\(members)}"
            let message = Message(
                id: "m", source: "/hospital", type: .updateRequested, subject: UpdateSamples.referral,
                time: Timestamp(milliseconds: 0), attributes: MessageAttributes(site: "1234"),
                body: Array(body.utf8))
            var record = row.known == nil ? nil : UpdateSamples.context(.fhir0111).record
            if let known = row.known { record?.status = known.rawValue }
            let request = try OceanUpdateReader().read(message)
            do throws(TranslationError) {
                let changes = try request.changes(since: record)
                #expect(changes.map(\.update.action) == [row.action].compactMap { $0 }, "\(members)")
                #expect(changes.allSatisfy { $0.isKnown == row.isKnown })
                // What is read can be said to Ocean.
                for change in changes where !change.isKnown {
                    _ = try OceanUpdateWriter().bundle(for: change.update, in: UpdateSamples.context(.fhir0111))
                }
            } catch {
                #expect(row.action == nil, "\(members): \(error)")
                #expect(!error.place.isEmpty)
            }
        }
    }

    @Test("docs/messages.md shows the table")
    func documented() throws {
        var lines = ["| Resource | Says | Action | |", "|---|---|---|---|"]
        for row in Self.rows {
            lines.append(
                "| \(row.resource) | \(row.says) | \(row.action.map { "`\($0.rawValue)`" } ?? "refused") | \(row.then) |"
            )
        }
        let path = "docs/messages.md"
        let text = String(decoding: try GoldenFile.read(path), as: UTF8.self)
        let (begin, end) = ("<!-- table of updates: begin -->\n", "<!-- table of updates: end -->")
        let parts = text.split(separator: begin, maxSplits: 1)
        let before = try #require(parts.first)
        let after = try #require(parts.last?.split(separator: end, maxSplits: 1).last)
        let written = [String(before), begin, lines.joined(separator: "\n"), "\n", end, String(after)].joined()
        #expect(try GoldenFile.content(path, replacedBy: Array(written.utf8)) == Array(written.utf8))
    }
}
