// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

package import BridgeCore
import FHIR
import JSON
package import Ocean

/// Makes of a call's prefetch what rules look at, with the reader of the webhooks.
package struct SubjectReader: Sendable {
    private let reader: any InboundReader
    private let patientKey: @Sendable (Referral) -> String?

    /// - Parameters:
    ///   - reader: the one that reads webhook bodies.
    ///   - patientKey: the patient's key in the store's index; nil without a health number.
    package init(reader: any InboundReader, patientKey: @escaping @Sendable (Referral) -> String?) {
        self.reader = reader
        self.patientKey = patientKey
    }

    /// Nil when the call came without a message bundle.
    ///
    /// - Throws: `unreadable` when there is a bundle that says nothing of a referral, `foreignSite`.
    package func subject(of request: HookRequest, for service: HookService) throws(HookError) -> HookSubject? {
        guard let resource = request[.v11Bundle].resource else { return nil }
        let bundle = Self.found("Bundle", in: resource)
        let content = reader.read(bundle.bytes(), mediaType: "application/fhir+json", site: service.site)
        guard case .message(let message) = content, let referral = message.canonical.referral else {
            throw HookError(
                .unreadable, at: Self.place,
                "expected a message bundle of the referral (add-service-request, 0.11.1)\(Self.reason(of: content))")
        }
        if let expected = service.site, let site = message.attributes.site, site != expected {
            throw HookError(.foreignSite, at: Self.place, "the bundle belongs to another site than this service")
        }
        let form =
            request[.questionnaireResponse].resource.map { Self.found(Self.form, in: $0) }
            ?? FHIRBundle(bundle)?.entries(of: Self.form).first?.resource
        return HookSubject(
            referral: referral, site: service.site ?? message.attributes.site, service: message.attributes.service,
            patientKey: patientKey(referral),
            questionnaireResponse: form.flatMap { $0["resourceType"]?.stringValue == Self.form ? $0 : nil })
    }

    /// The templates are searches, whose answer wraps what was found.
    private static func found(_ type: String, in resource: JSONValue) -> JSONValue {
        guard resource["resourceType"]?.stringValue == "Bundle",
            resource["type"]?.stringValue == "searchset" || type != "Bundle",
            let inner = FHIRBundle(resource)?.entries(of: type).first
        else { return resource }
        return inner.resource
    }

    private static func reason(of content: InboundContent) -> String {
        if case .notUnderstood(let reason, _) = content { return ": \(reason)" }
        return ""
    }

    private static let form = "QuestionnaireResponse"
    private static let place = JSONPointer(tokens: ["prefetch", PrefetchKey.v11Bundle.rawValue])
}
