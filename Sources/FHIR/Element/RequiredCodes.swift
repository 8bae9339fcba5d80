// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

/// Value sets with a required binding in FHIR R4: any other code makes the resource invalid.
package enum RequiredCodes {
    package static let gender: Set<String> = ["male", "female", "other", "unknown"]
    package static let contactSystem: Set<String> = ["phone", "fax", "email", "pager", "url", "sms", "other"]
    package static let contactUse: Set<String> = ["home", "work", "temp", "old", "mobile"]
    package static let nameUse: Set<String> = ["usual", "official", "temp", "nickname", "anonymous", "old", "maiden"]
    package static let addressUse: Set<String> = ["home", "work", "temp", "old", "billing"]
    package static let addressType: Set<String> = ["postal", "physical", "both"]
    package static let identifierUse: Set<String> = ["usual", "official", "temp", "secondary", "old"]
    package static let priority: Set<String> = ["routine", "urgent", "asap", "stat"]
    package static let locationStatus: Set<String> = ["active", "suspended", "inactive"]
    package static let taskStatus: Set<String> = [
        "draft", "requested", "received", "accepted", "rejected", "ready", "cancelled", "in-progress", "on-hold",
        "failed", "completed", "entered-in-error",
    ]
    package static let responseStatus: Set<String> = [
        "in-progress", "completed", "amended", "entered-in-error", "stopped",
    ]
    package static let documentStatus: Set<String> = ["current", "superseded", "entered-in-error"]
    package static let appointmentStatus: Set<String> = [
        "proposed", "pending", "booked", "arrived", "fulfilled", "cancelled", "noshow", "entered-in-error",
        "checked-in", "waitlist",
    ]
    package static let participationStatus: Set<String> = ["accepted", "declined", "tentative", "needs-action"]
    package static let eventStatus: Set<String> = [
        "preparation", "in-progress", "not-done", "on-hold", "stopped", "completed", "entered-in-error", "unknown",
    ]
}
