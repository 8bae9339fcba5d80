// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
package import Ocean

/// A topic exchange that hospital systems bind to, and the form in which it carries messages.
package struct HospitalTarget: Sendable {
    package let exchange: String
    /// Ends the ids of the messages in this form; changing it makes a retry look like another message.
    package let suffix: String
    package let writer: any HospitalWriter

    package init(exchange: String, suffix: String, writer: any HospitalWriter) {
        self.exchange = exchange
        self.suffix = suffix
        self.writer = writer
    }

    /// `hospital.fhir`: normalised FHIR R4.
    package static func fhir(_ writer: any HospitalWriter) -> HospitalTarget {
        HospitalTarget(exchange: BusNames.hospitalFHIR, suffix: "fhir", writer: writer)
    }

    /// `hospital.ocean`: Ocean JSON.
    package static func ocean(_ writer: any HospitalWriter) -> HospitalTarget {
        HospitalTarget(exchange: BusNames.hospitalOcean, suffix: "ocean", writer: writer)
    }

    /// `hospital.canonical`: the canonical message as it is.
    package static let canonical = HospitalTarget(
        exchange: BusNames.hospitalCanonical, suffix: "canonical", writer: CanonicalWriter())
}
