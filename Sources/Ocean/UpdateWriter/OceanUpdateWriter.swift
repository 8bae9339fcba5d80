// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

package import BridgeCore
import JSON

/// Writes an update as a FHIR message bundle for Ocean's `$process-messages`, in API versions 0.10.0 and 0.11.1,
/// or as a message of the Open API where the site's conventions say so.
///
/// Bundles are minimal unless the site's conventions ask for the echo of what was received: MessageHeader, the resource
/// in focus and what that one cannot do without. New resources are referenced as `Type/id`, which is the style seen
/// accepted in both versions.
package struct OceanUpdateWriter: UpdateWriter {
    /// The one thing in minimal bundles that R4 forbids: booking comments go with an empty list of participants, as in
    /// the messages of Ocean's own integrator, where R4 wants no empty list and at least one participant.
    package static let oddity = "Bundle.entry[1].resource.participant"

    package init() {}

    /// - Throws: `TranslationError`: `.unsupported` when the dialect has no known form for the action or the action no
    ///   place for a member, `.invalid` when a member that the action needs is missing or malformed.
    package func bundle(
        for update: ReferralUpdate, in context: UpdateContext
    ) throws(TranslationError) -> OutgoingBundle {
        if context.conventions.transport == .openAPI, OpenReply.carries(update.action) {
            return try Self.reply(update, context)
        }
        let context = Self.spoken(update.action, context)
        guard let event = UpdateEvent.code(for: update.action, in: context.dialect, using: context.conventions) else {
            throw TranslationError(.unsupported, at: "/action", UpdateEvent.refusal(update.action, context.dialect))
        }
        try UpdateMembers.check(update)
        let draft = try UpdateDraft(update: update, context: context)
        let content = try draft.content()
        let envelope = UpdateEnvelope(draft: draft, event: event)
        return OutgoingBundle(
            body: envelope.bundle(content).bytes(), event: event.rawValue,
            fingerprints: ChangeFingerprint.fingerprints(of: update, appointmentID: content.appointmentID),
            appointmentID: update.action == .bookingComments ? nil : content.appointmentID)
    }

    /// Encrypted only when it goes out: the referral's key is Ocean's to give.
    private static func reply(
        _ update: ReferralUpdate, _ context: UpdateContext
    ) throws(TranslationError) -> OutgoingBundle {
        let reply = try OpenReply(
            update, messageID: context.messageID, attachments: context.conventions.attachments)
        return OutgoingBundle(
            body: reply.plain.bytes(), event: OpenReply.event,
            fingerprints: ChangeFingerprint.fingerprints(of: update), reply: reply)
    }

    /// The context with the dialect in which the action is said.
    private static func spoken(_ action: UpdateAction, _ context: UpdateContext) -> UpdateContext {
        guard context.dialect == .fhir0100, context.conventions.missingActions == .as0111,
            UpdateEvent.code(for: action, in: .fhir0100) == nil
        else { return context }
        var context = context
        context.dialect = .fhir0111
        return context
    }
}

/// Resources of a message besides its header; those in focus come first.
struct UpdateContent {
    var resources: [JSONObject]
    /// How many of the resources are in focus.
    var focusCount = 1
    /// Of the appointment in it.
    var appointmentID: String?
}
