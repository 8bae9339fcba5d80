// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

package import BridgeCore
import JSON

/// Writes the call that creates forms, from a template: the patient encrypted under a fresh one-time key, which goes
/// along wrapped with the site's shared encryption key, in the headers in which Ocean gives its own.
package struct FormCallWriter: Sendable {
    private let template: FormTemplate

    package init(template: FormTemplate = .assumed) {
        self.template = template
    }

    /// A call, and what of the request Ocean's patient has no member for.
    package struct Written: Sendable, Hashable {
        package let call: FormCall
        /// JSON pointers into the request.
        package let leftOut: [String]
    }

    /// - Parameters:
    ///   - keys: the site's keys; the current one wraps. Needed where the request brings a patient.
    ///   - id: by which the request is known again.
    ///   - oneTimeKey: 16 random bytes, never used twice.
    ///   - iv: 16 random bytes.
    /// - Throws: `TranslationError` `.noKey` without a key, `.invalid` where the template asks for what the request does
    ///   not say.
    package func write(
        _ request: FormRequest, keys: SharedEncryptionKeys?, id: String, oneTimeKey: OneTimeKey = .random(),
        iv: [UInt8] = InitializationVector.random()
    ) throws(TranslationError) -> Written {
        var values: [String: String] = [
            "site": request.site, "idempotencyKey": id, "form": request.forms.first ?? "",
            "forms": request.forms.joined(separator: ","),
        ]
        let external = request.externalPatientRef ?? request.patient?.chartNumber
        values["ref"] = request.patientRef
        values["externalPatientRef"] = external
        values["reason"] = request.reasonForVisit
        var headers: [FormCall.Header] = []
        var leftOut: [String] = []
        if let patient = request.patient {
            guard let keys else {
                throw TranslationError(
                    .noKey, at: "sites.\(request.site).openApi.sharedEncryptionKey",
                    "no shared encryption key in the settings; without it no patient can be sent to Ocean")
            }
            let (json, left) = Self.patient(patient, of: request, external: external)
            leftOut = left
            // One IV for key and content, as Ocean's own answers have it.
            let wrapped = try keys.current.wrap(oneTimeKey, iv: iv)
            let body = try oneTimeKey.encrypt(json: json, iv: iv)
            values["patient"] = body.data
            values["oneTimeKey"] = wrapped.data
            values["iv"] = body.iv
            headers += [FormCall.Header("oneTimeKey", wrapped.data), FormCall.Header("iv", body.iv)]
        }
        if let external, Self.isHeaderValue(external) { headers.append(FormCall.Header("extPatientRef", external)) }
        if let name = template.idempotencyHeader, Self.isHeaderValue(id) { headers.append(FormCall.Header(name, id)) }
        let (contentType, body) = try body(values, forms: request.forms)
        return Written(
            call: FormCall(
                method: template.method, path: try path(of: request, values), headers: headers,
                contentType: contentType, body: body),
            leftOut: leftOut)
    }

    private func path(of request: FormRequest, _ values: [String: String]) throws(TranslationError) -> String {
        let text = request.patientRef == nil ? template.path : template.knownPatientPath
        guard let path = TemplateText(text).filled({ word in values[word].map(Self.percentEncoded) }) else {
            throw TranslationError(
                .invalid, at: "forms.create.path", "asks for what the request does not say; see docs/messages.md")
        }
        return path
    }

    private func body(
        _ values: [String: String], forms: [String]
    ) throws(TranslationError) -> (contentType: String, bytes: [UInt8]) {
        if let word = TemplateText(template.body).soleWord {
            guard let text = values[word] else {
                throw TranslationError(.invalid, at: "forms.create.body", "asks for {\(word)}, which the request lacks")
            }
            return ("text/plain", Array(text.utf8))
        }
        guard let json = try? JSONValue(parsing: template.body), let filled = Self.fill(json, values, forms) else {
            throw TranslationError(.invalid, at: "forms.create.body", "must be JSON, or one word in braces")
        }
        return ("application/json", filled.bytes())
    }

    /// A member that asks for what is not there is left out, with the text in which it stands.
    private static func fill(_ template: JSONValue, _ values: [String: String], _ forms: [String]) -> JSONValue? {
        switch template {
        case .string(let text):
            let parts = TemplateText(text)
            if parts.soleWord == "forms" { return .array(forms.map { .string($0) }) }
            return parts.filled { values[$0] }.map { .string($0) }
        case .object(let object):
            return .object(
                JSONObject(
                    object.members.compactMap { member in
                        fill(member.value, values, forms).map { JSONMember(name: member.name, value: $0) }
                    }))
        case .array(let elements): return .array(elements.compactMap { fill($0, values, forms) })
        case .number, .bool, .null: return template
        }
    }

    /// Ocean's patient, in the members of its `GET`.
    private static func patient(
        _ patient: Patient, of request: FormRequest, external: String?
    ) -> (JSONValue, leftOut: [String]) {
        let log = WritingLog()
        var root = ObjectWriter(at: "", log: log)
        root.put("siteNum", .string(request.site))
        root.put("externalPatientRef", external.map { .string($0) })
        root.put("reasonForVisit", request.reasonForVisit.map { .string($0) })
        root.put("demographics", DemographicsWriting.json(patient, from: "/patient", at: "/demographics", log: log))
        if patient.chartNumber == external { log.wrote("/patient/chartNumber", to: "/externalPatientRef") }
        let ledger = log.ledger(of: patient.json, at: "/patient")
        return (.object(root.object), ledger.entries.filter { $0.disposition == .dropped }.map(\.source))
    }

    private static func isHeaderValue(_ text: String) -> Bool {
        (1...256).contains(text.utf8.count) && text.utf8.allSatisfy { (0x21...0x7E).contains($0) }
    }

    private static func percentEncoded(_ text: String) -> String {
        var output = ""
        for byte in text.utf8 {
            let isPlain =
                (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
                || byte == 0x2D || byte == 0x5F || byte == 0x7E
            if isPlain {
                output.unicodeScalars.append(Unicode.Scalar(byte))
            } else {
                let digits = String(byte, radix: 16, uppercase: true)
                output += "%" + (digits.utf8.count == 1 ? "0" : "") + digits
            }
        }
        return output
    }
}
