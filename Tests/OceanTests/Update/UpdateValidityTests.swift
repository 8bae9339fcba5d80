// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import FHIR
import JSON
import Ocean
import Testing

@Suite("Updates under every convention")
struct UpdateValidityTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let action: UpdateAction
        let dialect: Dialect
        let name: String
        let conventions: UpdateConventions
        var testDescription: String { "\(action.rawValue) in \(dialect.rawValue), \(name)" }
    }

    static let cases: [Case] = [Dialect.fhir0100, .fhir0111].flatMap { dialect in
        UpdateSamples.conventions.flatMap { name, conventions in
            UpdateAction.allCases.filter {
                UpdateEvent.code(for: $0, in: dialect, using: conventions) != nil
                    || conventions.missingActions == .as0111
            }.map { Case(action: $0, dialect: dialect, name: name, conventions: conventions) }
        }
    }

    private func bundle(_ each: Case) throws -> OutgoingBundle {
        let received = each.conventions.echo == .full ? try UpdateSamples.received(each.dialect) : nil
        return try OceanUpdateWriter().bundle(
            for: UpdateSamples.update(each.action),
            in: UpdateSamples.context(each.dialect, conventions: each.conventions, received: received))
    }

    @Test(
        "every bundle is valid R4, but for the one oddity that Ocean wants and what Ocean itself sent", arguments: cases
    )
    func valid(each: Case) throws {
        let body = try bundle(each).body
        // What is echoed stands behind the bridge's own resources and is judged by nobody: it is Ocean's.
        let own = try ownEntries(each)
        let errors = StructureValidator().validate(body).issues.filter { issue in
            guard issue.severity == .error || issue.severity == .fatal else { return false }
            if each.action == .bookingComments, issue.expression.hasPrefix(OceanUpdateWriter.oddity) { return false }
            guard each.conventions.echo == .full, let entry = Self.entry(issue.expression) else { return true }
            return own.contains(entry)
        }
        #expect(errors.isEmpty, "\(errors.map { "\($0.expression) \($0.rule ?? ""): \($0.diagnostics)" })")
    }

    /// Entries that the same bundle has without what was received.
    private func ownEntries(_ each: Case) throws -> Set<Int> {
        let received = Set(
            (try JSONValue(parsing: try UpdateSamples.received(each.dialect))["entry"]?.arrayValue ?? []).compactMap {
                $0["resource"]?["identifier"]
            })
        let entries = try JSONValue(parsing: try bundle(each).body)["entry"]?.arrayValue ?? []
        return Set(
            entries.indices.filter { index in
                guard let identifier = entries[index]["resource"]?["identifier"] else { return index < 2 }
                return !received.contains(identifier)
            })
    }

    private static func entry(_ expression: String) -> Int? {
        guard let open = expression.firstIndex(of: "["), let close = expression.firstIndex(of: "]") else { return nil }
        return Int(expression[expression.index(after: open)..<close])
    }

    @Test("the oddity is still there, so that its exception is not for nothing")
    func oddity() throws {
        for dialect in [Dialect.fhir0100, .fhir0111] {
            let body = try OceanUpdateWriter().bundle(
                for: UpdateSamples.update(.bookingComments), in: UpdateSamples.context(dialect)
            ).body
            let issues = StructureValidator().validate(body).issues
            #expect(issues.contains { $0.expression.hasPrefix(OceanUpdateWriter.oddity) && $0.severity == .error })
        }
    }

    @Test("a retry repeats the bundle byte for byte", arguments: cases)
    func repeatable(each: Case) throws {
        let first = try bundle(each)
        #expect(try bundle(each) == first)
    }

    @Test("each convention changes what it names")
    func effects() throws {
        func entries(
            _ action: UpdateAction, _ dialect: Dialect = .fhir0111, _ change: (inout UpdateConventions) -> Void
        ) throws -> [JSONValue] {
            var conventions = UpdateConventions()
            change(&conventions)
            let output = try OceanUpdateWriter().bundle(
                for: UpdateSamples.update(action), in: UpdateSamples.context(dialect, conventions: conventions))
            return (try JSONValue(parsing: output.body)["entry"]?.arrayValue ?? []).compactMap { $0["resource"] }
        }
        func code(_ entries: [JSONValue]) -> JSONValue? { entries.first?["eventCoding"]?["code"] }
        #expect(code(try entries(.message) { $0.messageEvent = .sendCommunication }) == "send-communication")
        #expect(
            code(try entries(.message, .fhir0100) { $0.messageEvent = .sendCommunication })
                == "send-communication-from-provider")
        #expect(code(try entries(.reschedule) { $0.changeEvent = .updateAppointment }) == "notify-update-appointment")
        #expect(code(try entries(.book) { $0.changeEvent = .updateAppointment }) == "notify-add-appointment")
        #expect(
            code(try entries(.updateDemographics) { $0.demographicsEvent = .updatePatientData })
                == "update-patient-data")
        let question = try entries(.requestInformation) { $0.informationRequest = .task }
        #expect(question[1]["code"]?["coding"]?[0]?["code"] == "request-for-information-for-requester")
        #expect(question[1]["status"] == "requested")
        let cancelled = try entries(.cancelBooking) { $0.cancellation = .proposed }
        #expect(cancelled[1]["status"] == "proposed" && cancelled[1]["start"] == nil)
        #expect(cancelled[1]["comment"] == "Patient asked for another date")
        #expect(try entries(.book) { _ in }.contains { $0["resourceType"] == "Patient" })
        #expect(try !entries(.book) { $0.bookingPatient = .omit }.contains { $0["resourceType"] == "Patient" })
        let files = try entries(.message) { $0.attachments = .documentReference }
        #expect(files.contains { $0["resourceType"] == "DocumentReference" })
        #expect(files[1]["payload"]?[1]?["contentReference"] != nil)
        #expect(throws: TranslationError.self) { _ = try entries(.message) { $0.attachments = .refuse } }
        #expect(try entries(.book) { $0.waitTime = .string }[1]["extension"]?[0]?["valueString"] == "wait-1")
        let imported = try entries(.accept) { $0.importOnAccept = true }[1]["extension"]?[0]
        #expect(imported?["url"] == .string(ExtensionURL.importOnAccept) && imported?["valueBoolean"] == true)
        let forwarded = try entries(.forward, .fhir0100) { $0.missingActions = .as0111 }
        #expect(code(forwarded) == "notify-update-process-request")
    }

    @Test(
        "a full echo holds every received resource as it came, and the change",
        arguments: [Dialect.fhir0100, .fhir0111])
    func echo(dialect: Dialect) throws {
        var conventions = UpdateConventions()
        conventions.echo = .full
        let bytes = try UpdateSamples.received(dialect)
        let received = (try JSONValue(parsing: bytes)["entry"]?.arrayValue ?? []).filter {
            $0["resource"]?["resourceType"] != "MessageHeader"
        }
        for action in [UpdateAction.accept, .message, .forward, .correctCategory, .updateDemographics, .book] {
            if UpdateEvent.code(for: action, in: dialect) == nil { continue }
            let output = try OceanUpdateWriter().bundle(
                for: UpdateSamples.update(action),
                in: UpdateSamples.context(dialect, conventions: conventions, received: bytes))
            let entries = try #require(try JSONValue(parsing: output.body)["entry"]?.arrayValue)
            #expect(entries.count(where: { $0["resource"]?["resourceType"] == "MessageHeader" }) == 1)
            for entry in received {
                let type = entry["resource"]?["resourceType"]
                let isChanged =
                    action == .correctCategory && type == "ServiceRequest"
                    || action == .updateDemographics && type == "Patient"
                let echoed = entries.filter { other in
                    guard var object = other["resource"]?.objectValue else { return false }
                    if dialect == .fhir0111 { object["id"] = nil }
                    return JSONValue.object(object) == entry["resource"] && other["fullUrl"] == entry["fullUrl"]
                }
                #expect(echoed.count == (isChanged ? 0 : 1), "\(action) \(type ?? .null)")
                let stated = entry["resource"]?["id"]?.stringValue
                let url = entry["fullUrl"]?.stringValue ?? ""
                let id = JSONValue.string(stated ?? String(url.dropFirst("urn:uuid:".count)))
                let sameID = entries.filter {
                    $0["resource"]?["id"] == id && $0["resource"]?["resourceType"] == type
                }
                #expect(sameID.count == 1)
            }
        }
    }

    @Test("a forwarded request is the received one with another id, listing and category")
    func forwardedCopy() throws {
        var conventions = UpdateConventions()
        conventions.echo = .full
        let bytes = try UpdateSamples.received(.fhir0111)
        let output = try OceanUpdateWriter().bundle(
            for: UpdateSamples.update(.forward),
            in: UpdateSamples.context(.fhir0111, conventions: conventions, received: bytes))
        let resources = (try JSONValue(parsing: output.body)["entry"]?.arrayValue ?? []).compactMap { $0["resource"] }
        let requests = resources.filter { $0["resourceType"] == "ServiceRequest" }
        #expect(requests.count == 2)
        let new = try #require(requests.first)
        let old = try #require(requests.last)
        #expect(new["replaces"] != nil && new["id"] != old["id"])
        for member in ["requester", "supportingInfo", "note", "subject", "identifier", "authoredOn"] {
            #expect(new[member] != nil && new[member] == old[member], "\(member)")
        }
    }

    @Test("a stored bundle that cannot be read is said so; without one the bundle is minimal")
    func stored() throws {
        var conventions = UpdateConventions()
        conventions.echo = .full
        #expect(throws: TranslationError.self) {
            _ = try OceanUpdateWriter().bundle(
                for: UpdateSamples.update(.accept),
                in: UpdateSamples.context(.fhir0111, conventions: conventions, received: Array("{".utf8)))
        }
        let minimal = try OceanUpdateWriter().bundle(
            for: UpdateSamples.update(.accept), in: UpdateSamples.context(.fhir0111, conventions: conventions))
        let plain = try OceanUpdateWriter().bundle(
            for: UpdateSamples.update(.accept), in: UpdateSamples.context(.fhir0111))
        #expect(minimal.body == plain.body)
    }
}
