// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore

/// Which members of an update which action carries. What an action cannot carry is refused rather than dropped.
enum UpdateMembers {
    static func check(_ update: ReferralUpdate) throws(TranslationError) {
        let action = update.action
        try refuse(update.appointment != nil && !action.isBooking, "/appointment", action)
        try refuse(update.targetListing != nil && !action.isForwarding, "/targetListing", action)
        try refuse(
            update.category != nil && !action.isForwarding && action != .correctCategory, "/category", action)
        try refuse(update.redirectURL != nil && action != .redirect, "/redirectUrl", action)
        try refuse(
            update.patient != nil && !action.isBooking && !action.isForwarding && action != .updateDemographics
                && action != .correctCategory, "/patient", action)
        try refuse(!update.documents.isEmpty && !action.isConversation, "/documents", action)
        try refuse(update.reason != nil && action.isCorrection, "/reason", action)
        try refuse(update.text != nil && action.isCorrection, "/text", action)
        if let place = update.patient.map({ PatientFitness($0) })?.misfits.first {
            throw TranslationError(
                .invalid, at: "/patient\(place)", "is not of the form that FHIR asks for; correct it or leave it out")
        }
    }

    private static func refuse(
        _ isWrong: Bool, _ place: String, _ action: UpdateAction
    ) throws(TranslationError) {
        guard isWrong else { return }
        throw TranslationError(
            .unsupported, at: place,
            "an update with action \(action.rawValue) cannot carry this member; leave it out or send it as an update "
                + "of its own")
    }
}

extension UpdateAction {
    var isBooking: Bool {
        switch self {
        case .book, .confirmBooking, .reschedule, .cancelBooking, .bookingComments: true
        default: false
        }
    }

    var isForwarding: Bool { self == .forward || self == .assign }
    var isConversation: Bool { self == .message || self == .requestInformation || self == .needsReview }
    var isCorrection: Bool { self == .correctCategory || self == .updateDemographics }
}
