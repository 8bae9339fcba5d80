// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

/// What Ocean's documents leave open about updates, decided per site. Each default is the form seen in the code of
/// Ocean's own integrators where there is one, else assumed.
package struct UpdateConventions: Sendable, Hashable {
    package var transport = Transport.fhir
    package var headerReference = HeaderReference.both
    package var echo = Echo.minimal
    package var messageEvent = MessageEvent.fromProvider
    package var changeEvent = ChangeEvent.addAppointment
    package var cancellation = Cancellation.cancelled
    package var bookingPatient = BookingPatient.include
    package var demographicsEvent = DemographicsEvent.dataCorrection
    package var informationRequest = InformationRequest.message
    package var attachments = Attachments.inline
    package var waitTime = WaitTime.coding
    package var importOnAccept = false
    package var missingActions = MissingActions.refuse

    package init() {}

    /// By which of Ocean's interfaces messages go. What the Open API has no form for goes by FHIR in any case.
    package enum Transport: String, Sendable, CaseIterable {
        case fhir
        /// `message` and `requestInformation` as encrypted messages of the Open eReferral API.
        case openAPI = "open-api"
    }

    /// How the MessageHeader of a 0.11.1 message names the referral; in 0.10.0 it is always the string. Assumed: each
    /// form was seen accepted, the two together were not tried.
    package enum HeaderReference: String, Sendable, CaseIterable {
        /// `ext-referral-identifier` and `ext-id-message-header`.
        case both
        /// `ext-referral-identifier` with an Identifier, as Ocean itself sends.
        case identifier
        /// `ext-id-message-header` with a string: the 0.10.0 form, which Ocean's own integrator sends in 0.11 too.
        case string
    }

    /// What a bundle holds besides the change. Minimal bundles are seen accepted in 0.10.0 and assumed in 0.11.1.
    package enum Echo: String, Sendable, CaseIterable {
        case minimal
        /// All resources of the last bundle received for the referral, as Ocean's own integrator sends them back.
        case full
    }

    /// The event of a message to the referrer in 0.11.1.
    package enum MessageEvent: String, Sendable, CaseIterable {
        case fromProvider = "send-communication-from-provider"
        /// Always with a sender in the bundle.
        case sendCommunication = "send-communication"
    }

    /// The event of a confirmed, moved or cancelled appointment in 0.11.1. Assumed: only adding was seen.
    package enum ChangeEvent: String, Sendable, CaseIterable {
        case addAppointment = "notify-add-appointment"
        case updateAppointment = "notify-update-appointment"
        case updateProcessRequest = "notify-update-process-request"
    }

    /// How an appointment is taken back. Assumed: towards Ocean no form was seen.
    package enum Cancellation: String, Sendable, CaseIterable {
        /// Status `cancelled`, participant `declined`: older messages of the Ontario programme.
        case cancelled
        /// Status `proposed` without times: Ocean's own word for a removed appointment.
        case proposed
    }

    /// Whether a booking carries the Patient, to whom Ocean may write.
    package enum BookingPatient: String, Sendable, CaseIterable {
        case include, omit
    }

    /// The event of corrected demographics in 0.11.1. Assumed; in 0.10.0 it is `update-patient-data`.
    package enum DemographicsEvent: String, Sendable, CaseIterable {
        case dataCorrection = "notify-data-correction"
        case updatePatientData = "update-patient-data"
    }

    /// How the referrer is asked. Assumed: Ocean's list of Task codes has the Task, nobody was seen to send it.
    package enum InformationRequest: String, Sendable, CaseIterable {
        case message
        /// A requested Task `request-for-information-for-requester`.
        case task
    }

    /// How files go with a message. Assumed: that Ocean takes them is documented, the form is not.
    package enum Attachments: String, Sendable, CaseIterable {
        /// `Communication.payload.contentAttachment`.
        case inline
        /// A DocumentReference of the bundle, named in `Communication.payload.contentReference`.
        case documentReference = "document-reference"
        /// A message with files is refused.
        case refuse
    }

    /// The value of the wait-time extension: `valueCoding`, or `valueString` as one comment has it.
    package enum WaitTime: String, Sendable, CaseIterable {
        case coding, string
    }

    /// What a 0.10.0 site does with actions that this version has no form for (forward, assign, correctCategory).
    package enum MissingActions: String, Sendable, CaseIterable {
        case refuse
        /// The message of 0.11.1. Assumed: Ocean is seen to take mixed messages.
        case as0111 = "as-0.11.1"
    }
}
