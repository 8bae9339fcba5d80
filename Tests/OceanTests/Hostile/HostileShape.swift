// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import Testing

/// Bodies that nobody sends in good faith, of any length.
enum HostileShape: String, CaseIterable, Codable, Sendable, CustomTestStringConvertible {
    case circle, focus, links, sharedIdentifiers, participants, chatter, services, notes, patients, documents, forms
    case extensions, deepExtensions, contained, deepContained, deepLists, deepObjects, zeros, nulls, emptyObjects
    case emptyTexts, wrongEntries, wrongTypes, longName, longNames, manyMembers, hugeNumbers, hugeExponents, badDates
    case longText, escapes, controls, codings, tooDeep, loneSurrogate, duplicateName, unclosed
    case comments, referralMembers, deepReferral, referralLists, longReferralNames
    case updateParts, updateLists

    var testDescription: String { rawValue }

    /// About `size` bytes, except for those that must be short.
    func body(_ size: Int) -> [UInt8] {
        switch self {
        case .circle:
            bundle(
                repeated(size) {
                    task(
                        $0,
                        [
                            "basedOn": "[\(ref("Task/\($0 + 1)")),\(ref("ServiceRequest/s")),"
                                + "\(ref("Task/\($0)"))]", "partOf": "[\(ref("Task/\($0)"))]",
                        ])
                })
        case .focus: focus(size)
        case .links:
            bundle(
                repeated(size) {
                    resource(
                        "ServiceRequest", $0,
                        [
                            "status": "\"active\"", "intent": "\"order\"", "replaces": "[\(ref("ServiceRequest/s"))]",
                            "basedOn": "[\(ref("ServiceRequest/\($0 + 1)")),\(ref("ServiceRequest/\($0)"))]",
                        ])
                })
        case .sharedIdentifiers:
            bundle(
                repeated(size) {
                    task(
                        $0,
                        [
                            "identifier": "[{\"system\":\"a\",\"value\":\"x\"}]",
                            "basedOn": "[{\"identifier\":{\"system\":\"a\",\"value\":\"x\"}}]",
                        ])
                })
        case .participants: participants(size)
        case .chatter: chatter(size)
        case .services: request("orderDetail", size) { "{\"text\":\"service \($0)\"}" }
        case .notes: request("note", size) { "{\"text\":\"<p>note &amp; \($0)<br><b>x</b>\",\"time\":\"\($0)\"}" }
        case .codings:
            request("category", size) { "{\"coding\":[{\"system\":\"s\",\"code\":\"\($0)\",\"display\":\"d\"}]}" }
        case .patients:
            bundle(
                repeated(size) {
                    resource(
                        "Patient", $0,
                        [
                            "name": "[{\"family\":\"f\($0)\",\"given\":[\"a\",\"b\"]}]", "birthDate": "\"1961-02-30\"",
                            "telecom": "[{\"system\":\"phone\",\"value\":\"1\"}]",
                        ])
                })
        case .documents:
            bundle(
                repeated(size) {
                    resource(
                        "DocumentReference", $0,
                        [
                            "content": "[{\"attachment\":{\"url\":\"https://a.example/\($0)\",\"size\":1e400}}]"
                        ])
                })
        case .forms:
            bundle([
                resource(
                    "QuestionnaireResponse", 0,
                    ["item": list(size, deep(60, "{\"linkId\":\"1\",\"item\":[", "]}", "{}"))])
            ])
        case .extensions: patient("extension", size) { "{\"url\":\"http://a.example/\($0)\",\"valueString\":\"x\"}" }
        case .deepExtensions:
            patient("extension", size) { _ in deep(110, "{\"url\":\"u\",\"extension\":[", "]}", "{}") }
        case .contained: patient("contained", size) { resourceBody("Patient", $0, ["active": "true"]) }
        case .deepContained:
            patient("contained", size) { _ in deep(110, "{\"resourceType\":\"Patient\",\"contained\":[", "]}", "{}") }
        case .deepLists: bundle([resource("Task", 0, ["x": list(size, deep(240, "[", "]", "0"))])])
        case .deepObjects: bundle([resource("Task", 0, ["x": list(size, deep(240, "{\"a\":", "}", "0"))])])
        case .zeros: bundle([resource("Task", 0, ["note": list(size, "0")])])
        case .nulls: bundle([resource("Patient", 0, ["name": "[{\"given\":" + list(size, "null") + "}]"])])
        case .emptyObjects: bundle([resource("Patient", 0, ["name": list(size, "{}")])])
        case .emptyTexts: bundle([resource("Patient", 0, ["address": "[{\"line\":" + list(size, "\"\"") + "}]"])])
        case .wrongEntries: bundle(Array(repeating: "[{}],0,{\"resource\":3}", count: size / 24))
        case .wrongTypes:
            bundle(
                repeated(size) { number in
                    let wrong = ["3", "[[]]", "{\"a\":{}}", "\"x\"", "true", "null"][number % 6]
                    return resource(
                        "Task", number, ["status": wrong, "basedOn": wrong, "code": wrong, "note": wrong, "for": wrong])
                })
        case .longName: root("\"\(String(repeating: "n", count: size / 2))\":\(list(min(size / 4, 8_000), "0"))")
        case .longNames:
            root(
                repeated(size) { "\"\(String(repeating: "n", count: 2_500))\($0)\":\(list(3_000, "0"))" }.joined(
                    separator: ","))
        case .manyMembers: bundle([resource("Patient", 0, ["z": "0"], repeated(size) { "\"m\($0)\":\"\($0)\"" })])
        case .hugeNumbers:
            bundle([resource("Appointment", 0, ["minutesDuration": String(repeating: "9", count: size)])])
        case .hugeExponents:
            bundle(
                repeated(size) {
                    resource("Appointment", $0, ["minutesDuration": "-1E99999999999\($0)", "priority": "1e400"])
                })
        case .badDates:
            bundle(
                repeated(size) {
                    resource(
                        "Appointment", $0,
                        [
                            "start": "\"2026-02-30T25:61:61+99:99\"", "end": "\"\u{7F}\"", "created": "\"0000\"",
                        ])
                })
        case .longText: longText(size, "a")
        case .escapes: longText(size, "\\u00e9\\ud83d\\ude00")
        case .controls: longText(size, "\\u0000\\u001f")
        case .tooDeep: Array(String(repeating: "{\"a\":[", count: size / 6).utf8)
        case .loneSurrogate: longText(size, "\\ud800 ")
        case .duplicateName: root(Array(repeating: "\"a\":0", count: size / 6).joined(separator: ","))
        case .unclosed: Array(bundle(repeated(size) { task($0, [:]) }).dropLast(2))
        case .comments:
            referral(
                "\"externalConversation\":"
                    + list(
                        repeated(size) {
                            "{\"ref\":\"\($0)\",\"message\":\"<b>m</b>\",\"dateTime\":\($0),\"attachments\":[{\"name\":\"n\"}]}"
                        }))
        case .referralMembers: referral(repeated(size) { "\"m\($0)\":\"\($0)\"" }.joined(separator: ","))
        case .deepReferral: referral("\"ptData\":" + list(size, deep(240, "{\"a\":", "}", "0")))
        case .referralLists:
            referral(
                "\"services\":\(list(size / 3, "0")),\"appointments\":\(list(size / 3, "{}")),\"x\":\(list(size / 3, "\"\""))"
            )
        case .longReferralNames:
            referral(
                repeated(size) { "\"\(String(repeating: "n", count: 2_500))\($0)\":\(list(3_000, "0"))" }.joined(
                    separator: ","))
        case .updateParts:
            update(
                "\"action\":\"message\",\"text\":\"x\",\"documents\":"
                    + list(
                        repeated(size) {
                            "{\"contentType\":\"text/plain\",\"title\":\"\($0)\",\"data\":\"aGVsbG8=\"}"
                        }))
        case .updateLists:
            update(
                "\"action\":\"updateDemographics\",\"patient\":{\"names\":\(list(size / 2, "{}"))},\"x\":\(list(size / 2, "{}"))"
            )
        }
    }

    // MARK: - Parts

    private func repeated(_ size: Int, _ make: (Int) -> String) -> [String] {
        var parts: [String] = []
        var length = 0
        while length < size {
            let part = make(parts.count)
            length += part.utf8.count + 1
            parts.append(part)
        }
        return parts
    }

    private func list(_ parts: [String]) -> String { "[" + parts.joined(separator: ",") + "]" }
    private func list(_ size: Int, _ element: String) -> String {
        list(Array(repeating: element, count: max(1, size / (element.utf8.count + 1))))
    }
    private func deep(_ depth: Int, _ open: String, _ close: String, _ core: String) -> String {
        String(repeating: open, count: depth) + core + String(repeating: close, count: depth)
    }
    private func ref(_ text: String) -> String { "{\"reference\":\"\(text)\"}" }

    private func resourceBody(_ type: String, _ id: Int, _ members: [String: String], _ more: [String] = []) -> String {
        let parts = members.sorted { $0.key < $1.key }.map { "\"\($0.key)\":\($0.value)" } + more
        return "{\"resourceType\":\"\(type)\",\"id\":\"\(id)\"" + parts.map { "," + $0 }.joined() + "}"
    }
    private func resource(_ type: String, _ id: Int, _ members: [String: String], _ more: [String] = []) -> String {
        "{\"resource\":\(resourceBody(type, id, members, more))}"
    }
    private func task(_ id: Int, _ members: [String: String]) -> String {
        resource("Task", id, ["status": "\"draft\"", "intent": "\"order\""].merging(members) { $1 })
    }

    private static let serviceRequest = """
        {"resource":{"resourceType":"ServiceRequest","id":"s","status":"active","intent":"order",\
        "subject":{"reference":"Patient/0"}
        """

    private func header(_ more: String = "") -> String {
        """
        {"resource":{"resourceType":"MessageHeader","id":"h","eventCoding":{"code":"add-service-request"},\
        "source":{"endpoint":"http://a"},"focus":[{"reference":"ServiceRequest/s"}]\(more)}}
        """
    }

    private func bundle(_ entries: [String], request: String = "", header more: String = "") -> [UInt8] {
        let all = [header(more), Self.serviceRequest + request + "}}"] + entries
        return Array("{\"resourceType\":\"Bundle\",\"type\":\"message\",\"entry\":\(list(all))}".utf8)
    }
    private func root(_ members: String) -> [UInt8] {
        Array(bundle([]).dropLast()) + Array((",\(members)}").utf8)
    }
    private func request(_ name: String, _ size: Int, _ make: (Int) -> String) -> [UInt8] {
        bundle(
            [],
            request: ",\"\(name)\":"
                + list(
                    repeated(size) {
                        let part = make($0); return part.isEmpty ? "0" : part
                    }))
    }
    private func patient(_ name: String, _ size: Int, _ make: (Int) -> String) -> [UInt8] {
        bundle([resource("Patient", 0, [name: list(repeated(size, make))])])
    }
    private func longText(_ size: Int, _ part: String) -> [UInt8] {
        let text = String(repeating: part, count: size / part.utf8.count)
        return bundle([], request: ",\"patientInstruction\":\"\(text)\"")
    }
    private func focus(_ size: Int) -> [UInt8] {
        let tasks = repeated(size / 2) { task($0, [:]) }
        let names = tasks.indices.map { ref("Task/\($0)") }.joined(separator: ",")
        let header = """
            {"resource":{"resourceType":"MessageHeader","eventCoding":{"code":"notify-update-service-request"},\
            "focus":[{"reference":"ServiceRequest/s"},\(names)]}}
            """
        let all = [header, Self.serviceRequest + "}}"] + tasks
        return Array("{\"resourceType\":\"Bundle\",\"type\":\"message\",\"entry\":\(list(all))}".utf8)
    }
    private func participants(_ size: Int) -> [UInt8] {
        let performers = list(repeated(size / 3) { "{\"identifier\":{\"value\":\"p\($0)\"}}" })
        let receivers = list(repeated(size / 3) { "{\"receiver\":{\"identifier\":{\"value\":\"r\($0)\"}}}" })
        let second = Self.serviceRequest.replacing("\"s\"", with: "\"t\"") + ",\"performer\":\(performers)}}"
        let focus = ",\"destination\":\(receivers)"
        return Array(
            String(decoding: bundle([second], request: ",\"performer\":\(performers)", header: focus), as: UTF8.self)
                .replacing("{\"reference\":\"ServiceRequest/s\"}", with: "{\"reference\":\"Nothing/0\"}").utf8)
    }
    private func chatter(_ size: Int) -> [UInt8] {
        let messages = repeated(size / 2) {
            resource(
                "Communication", $0,
                [
                    "status": "\"completed\"", "sender": ref("Organization/o"),
                    "payload": "[{\"contentString\":\"c\($0)\"}]",
                ])
        }
        let performers = list(repeated(size / 2) { ref("Organization/\($0)") })
        return bundle(
            messages + [resource("Organization", 0, [:]).replacing("\"0\"", with: "\"o\"")],
            request: ",\"performer\":\(performers)")
    }
    private func referral(_ members: String) -> [UInt8] {
        Array("{\"referralRef\":\"7d3c\",\"siteNum\":\"1\",\"status\":\"NEW\",\"creationDate\":\"x\",\(members)}".utf8)
    }
    private func update(_ members: String) -> [UInt8] {
        Array("{\"referral\":\"7d3c\",\"site\":\"1\",\(members)}".utf8)
    }
}
