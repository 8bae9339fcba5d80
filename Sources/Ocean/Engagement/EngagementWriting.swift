// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import JSON

/// A form completion or note for hospital systems, flat and decrypted, in the member names of Ocean's event, patient
/// and note.
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
        if let patient = engagement.patient {
            if !root.has("externalPatientRef") {
                root.put("externalPatientRef", patient.chartNumber, from: source + "/patient/chartNumber")
            } else if patient.chartNumber == engagement.externalPatientRef {
                log.wrote(source + "/patient/chartNumber", to: "/externalPatientRef")
            }
            root.put(
                "demographics",
                DemographicsWriting.json(patient, from: source + "/patient", at: "/demographics", log: log))
        }
        if let note = engagement.note {
            var writer = ObjectWriter(at: "/progressNote", log: log)
            writer.put("title", note.title, from: source + "/note/title")
            writer.put("text", note.text, from: source + "/note/text")
            writer.put("noteType", note.type, from: source + "/note/type")
            root.put("progressNote", writer.json)
        }
        FormWriting.put(engagement.forms, from: source + "/forms", into: &root)
        root.put("emrFieldUpdates", engagement.fieldUpdates, from: source + "/fieldUpdates")
        for member in engagement.profile?.objectValue?.members ?? [] where !root.has(member.name) {
            root.put(member.name, member.value, from: JSONLeaves.child(source + "/profile", member.name))
        }
        var json = JSONValue.object(root.object)
        UnmappedWriting(log: log).restore(
            engagement.unmapped, from: source + "/unmapped", into: &json, strips: ["patient", "note", "ptUpdate"])
        return (json, log.ledger(of: engagement.json, at: source))
    }
}
