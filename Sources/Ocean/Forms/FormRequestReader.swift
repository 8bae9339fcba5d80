// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

package import BridgeCore
import JSON

/// Reads what a hospital system published on `ocean.forms`.
package enum FormRequestReader {
    /// - Throws: `TranslationError`: `.notJSON`, or `.invalid` with the pointer of what is missing, of the wrong kind,
    ///   or not known.
    package static func read(_ body: [UInt8], site: String? = nil) throws(TranslationError) -> FormRequest {
        var json: JSONValue
        do throws(JSONError) {
            json = try JSONValue(parsing: body)
        } catch {
            throw TranslationError(.notJSON, "is not JSON: \(error)")
        }
        if json["site"] == nil, json.objectValue != nil, let site { json["site"] = .string(site) }
        var unknown: [JSONPointer] = []
        let request: FormRequest
        do throws(RecordError) {
            request = try FormRequest(json: json, at: .root, unknown: &unknown)
        } catch {
            throw TranslationError(.invalid, at: error.pointer, error.message)
        }
        // A misspelt member would be a form without what it says.
        if let first = unknown.first {
            throw TranslationError(
                .invalid, at: first.description, "there is no such member; see docs/schemas/form-request.schema.json")
        }
        guard isPlain(request.site) else { throw TranslationError(.invalid, at: "/site", "is no site number") }
        guard !request.forms.isEmpty else { throw TranslationError(.invalid, at: "/forms", "names no form") }
        for (index, form) in request.forms.enumerated() where form.isEmpty || form.utf8.count > 256 {
            throw TranslationError(.invalid, at: "/forms/\(index)", "is empty or longer than 256 bytes")
        }
        guard request.patient != nil || request.patientRef != nil else {
            throw TranslationError(.invalid, at: "/patient", "name the patient: patient, or patientRef of Ocean's")
        }
        if let ref = request.patientRef, OceanReference.text(.string(ref)) == nil {
            throw TranslationError(.invalid, at: "/patientRef", "is no reference of Ocean's")
        }
        if let patient = request.patient, patient == Patient() {
            throw TranslationError(.invalid, at: "/patient", "says nothing of the patient")
        }
        return request
    }

    private static func isPlain(_ text: String) -> Bool {
        (1...32).contains(text.utf8.count)
            && text.utf8.allSatisfy {
                (0x30...0x39).contains($0) || (0x41...0x5A).contains($0) || (0x61...0x7A).contains($0)
            }
    }
}
