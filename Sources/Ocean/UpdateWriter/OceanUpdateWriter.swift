// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

package import BridgeCore
import JSON

/// Writes an update as a FHIR message bundle for Ocean's `$process-messages`, in API versions 0.10.0 and 0.11.1.
///
/// Bundles are minimal: MessageHeader, the resource in focus and what that one cannot do without. Ocean's own test
/// clients show that this is enough in 0.10.0; that it is enough in 0.11.1 is assumed, except for forwarding and
/// category correction, which carry what the bridge has stored of the referral. New resources are referenced as
/// `Type/id`, which is the style seen accepted in both versions.
package struct OceanUpdateWriter: UpdateWriter {
    /// How the MessageHeader of a 0.11.1 message names the referral. In 0.10.0 it is always the string.
    package enum HeaderReference: Sendable, Hashable {
        /// `ext-referral-identifier` with an Identifier, as the 0.11.1 guide says and as Ocean itself sends.
        case identifier
        /// `ext-id-message-header` with a string: the 0.10.0 form, which Ocean's own integrator sends in 0.11 too.
        case string
        /// Both of them.
        case both
    }

    private let headerReference: HeaderReference

    /// - Parameter headerReference: the default, both, is assumed to be safe: each form is seen accepted, the two
    ///   together are not yet tried against Ocean's test host.
    package init(headerReference: HeaderReference = .both) {
        self.headerReference = headerReference
    }

    /// - Throws: `TranslationError`: `.unsupported` when the dialect has no known form for the action or the action no
    ///   place for a member, `.invalid` when a member that the action needs is missing or malformed.
    package func bundle(
        for update: ReferralUpdate, in context: UpdateContext
    ) throws(TranslationError) -> OutgoingBundle {
        guard let event = UpdateEvent.code(for: update.action, in: context.dialect) else {
            throw TranslationError(.unsupported, at: "/action", UpdateEvent.refusal(update.action, context.dialect))
        }
        try UpdateMembers.check(update)
        let draft = try UpdateDraft(update: update, context: context)
        let content = try draft.content()
        let envelope = UpdateEnvelope(draft: draft, event: event, headerReference: headerReference)
        return OutgoingBundle(
            body: envelope.bundle(content).bytes(), event: event.rawValue,
            fingerprints: ChangeFingerprint.fingerprints(of: update, appointmentID: content.appointmentID),
            appointmentID: content.appointmentID)
    }
}

/// Resources of a message besides its header; those in focus come first.
struct UpdateContent {
    var resources: [JSONObject]
    /// How many of the resources are in focus.
    var focusCount = 1
    var appointmentID: String?
}
