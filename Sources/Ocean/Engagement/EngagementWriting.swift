// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import JSON

/// A form completion or note for hospital systems: the members of Ocean's event round those of the decrypted patient,
/// with the note in `ptUpdate`, in Ocean's own names and nesting.
enum EngagementWriting {
    static func write(_ engagement: Engagement, event: SourceEvent) -> (JSONValue, Ledger) {
        let log = WritingLog()
        let source = "/engagement"
        var root = ObjectWriter(at: "", log: log)
        root.put("ref", engagement.patientRef, from: source + "/patientRef")
        root.put("siteNum", engagement.site, from: source + "/site")
        root.put("type", .string(event.code))
        root.put("externalPatientRef", engagement.externalPatientRef, from: source + "/externalPatientRef")
        root.put("noteId", engagement.noteID, from: source + "/noteId")
        var properties = ObjectWriter(at: "/customProperties", log: log)
        properties.put("oceanSessionId", engagement.sessionID, from: source + "/sessionId")
        properties.put("noteCompletionSource", engagement.completionSource, from: source + "/completionSource")
        root.put("customProperties", properties.json)
        putPatient(engagement, from: source, into: &root)
        if let profile = engagement.profile { putProfile(profile, from: source + "/profile", into: &root) }
        root.put("ptUpdate", update(engagement, from: source, log: log))
        if let match = engagement.matched {
            root.put(
                "matched",
                [
                    "referralRef": .string(match.referral), "by": .string(match.by.rawValue),
                    "candidates": match.candidates.json,
                ], from: source + "/matched")
        }
        if !engagement.unavailable.isEmpty {
            root.put("unavailable", engagement.unavailable.json, from: source + "/unavailable")
        }
        if engagement.sealed != nil { log.omit(source + "/sealed", note: "encrypted; stands in dead letters only") }
        var json = JSONValue.object(root.object)
        UnmappedWriting(log: log).restore(
            engagement.unmapped.map { Unmapped(path: place($0.path), value: $0.value) }, from: source + "/unmapped",
            into: &json, strips: ["patient"])
        return (json, log.ledger(of: engagement.json, at: source))
    }

    /// The note is Ocean's `ptUpdate` fetched apart.
    private static func place(_ path: String) -> String {
        path == "/note" || path.hasPrefix("/note/") ? "/patient/ptUpdate" + path.dropFirst("/note".count) : path
    }

    private static func putPatient(
        _ engagement: Engagement, from source: String, into root: inout ObjectWriter
    ) {
        root.put("reasonForVisit", engagement.reasonForVisit, from: source + "/reasonForVisit")
        root.put("apptReason", engagement.appointmentReason, from: source + "/appointmentReason")
        root.put("visitType", engagement.visitType, from: source + "/visitType")
        guard let patient = engagement.patient else { return }
        if !root.has("externalPatientRef") {
            root.put("externalPatientRef", patient.chartNumber, from: source + "/patient/chartNumber")
        } else if patient.chartNumber == engagement.externalPatientRef {
            root.log.wrote(source + "/patient/chartNumber", to: "/externalPatientRef")
        }
        root.put(
            "demographics",
            DemographicsWriting.json(patient, from: source + "/patient", at: "/demographics", log: root.log))
    }

    private static func putProfile(
        _ profile: PatientProfile, from source: String, into root: inout ObjectWriter
    ) {
        var sections = ObjectWriter(at: "/cpp", log: root.log)
        for section in ProfileSection.allCases {
            let items = section.items(of: profile)
            guard !items.isEmpty else { continue }
            let path = "/cpp/\(section.rawValue)/items"
            let list = items.enumerated().map { index, item -> JSONValue in
                let place = "\(source)/\(section.field)/\(index)"
                var writer = ObjectWriter(at: "\(path)/\(index)", log: root.log)
                writer.put("key", item.key, from: place + "/key")
                writer.put("desc", item.text, from: place + "/text")
                writer.put("data", item.data, from: place + "/data")
                return .object(writer.object)
            }
            sections.put(section.rawValue, ["items": .array(list)])
        }
        root.put("cpp", sections.json)
        guard !profile.results.isEmpty else { return }
        let results = profile.results.enumerated().map { index, result -> JSONValue in
            let place = "\(source)/results/\(index)"
            var writer = ObjectWriter(at: "/results/\(index)", log: root.log)
            writer.put("key", result.key, from: place + "/key")
            writer.put("val", result.value, from: place + "/value")
            writer.put("date", result.date, from: place + "/date")
            return .object(writer.object)
        }
        root.put(ProfileSection.results, .array(results))
    }

    private static func update(_ engagement: Engagement, from source: String, log: WritingLog) -> JSONValue? {
        var update = ObjectWriter(at: "/ptUpdate", log: log)
        if let note = engagement.note {
            var writer = ObjectWriter(at: "/ptUpdate/progressNote", log: log)
            writer.put("title", note.title, from: source + "/note/title")
            writer.put("text", note.text, from: source + "/note/text")
            writer.put("noteType", note.type, from: source + "/note/type")
            update.put("progressNote", writer.json)
        }
        FormWriting.put(engagement.forms, from: source + "/forms", into: &update)
        update.put("emrFieldUpdates", engagement.fieldUpdates, from: source + "/fieldUpdates")
        return update.json
    }
}
