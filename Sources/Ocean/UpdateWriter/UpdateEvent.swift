// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

package import BridgeCore

/// Which event code carries which action.
package enum UpdateEvent {
    /// Nil when the dialect has no form for the action that is known to work.
    ///
    /// 0.10.0 has no data correction, and no message of that version was seen to forward: `requested` is a status on
    /// which Ocean takes no action, so that a guess would be accepted and do nothing.
    package static func code(
        for action: UpdateAction, in dialect: Dialect, using conventions: UpdateConventions = UpdateConventions()
    ) -> EventCode? {
        switch dialect {
        case .fhir0111: code0111(action, conventions)
        case .fhir0100: code0100(action, conventions)
        case .fhir012, .oceanJSON, .patientEngagement: nil
        }
    }

    private static func code0111(_ action: UpdateAction, _ conventions: UpdateConventions) -> EventCode? {
        switch action {
        case .accept, .decline, .complete, .reopen, .convertToConsult, .convertToReferral, .redirect, .forward,
            .assign:
            .updateProcessRequest
        case .book, .bookingComments: .addAppointment
        case .confirmBooking, .reschedule, .cancelBooking: EventCode(rawValue: conventions.changeEvent.rawValue)
        case .message: EventCode(rawValue: conventions.messageEvent.rawValue)
        case .requestInformation:
            conventions.informationRequest == .task
                ? .updateProcessRequest : EventCode(rawValue: conventions.messageEvent.rawValue)
        // A message as if from the requester is what puts a referral under "needs review".
        case .needsReview: .communicationFromRequester
        case .correctCategory: .dataCorrection
        case .updateDemographics: EventCode(rawValue: conventions.demographicsEvent.rawValue)
        }
    }

    private static func code0100(_ action: UpdateAction, _ conventions: UpdateConventions) -> EventCode? {
        switch action {
        case .accept, .decline, .complete, .reopen, .convertToConsult, .convertToReferral, .redirect: .updateStatus
        // Ocean's test client books, too, with the update event.
        case .book, .confirmBooking, .reschedule, .cancelBooking: .updateAppointment
        case .bookingComments: .addAppointment
        case .message: .communicationFromProvider
        case .requestInformation:
            conventions.informationRequest == .task ? .updateStatus : .communicationFromProvider
        case .needsReview: .communicationFromRequester
        case .updateDemographics: .updatePatientData
        case .forward, .assign, .correctCategory: nil
        }
    }

    static func refusal(_ action: UpdateAction, _ dialect: Dialect) -> String {
        switch dialect {
        case .fhir0100, .fhir0111:
            "\(action.rawValue) has no known form in API version \(dialect.rawValue); do it in the Ocean Portal, or set "
                + "sites.*.updates.missingActions to as-0.11.1 (assumed), or the site's dialect to 0.11.1"
        case .fhir012, .oceanJSON, .patientEngagement:
            "Ocean takes no updates in dialect \(dialect.rawValue); set the site's dialect to 0.11.1 or 0.10.0"
        }
    }
}
