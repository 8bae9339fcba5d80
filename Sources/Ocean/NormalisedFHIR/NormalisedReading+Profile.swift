// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import FHIR
import JSON

extension NormalisedReading {
    /// The cumulative patient profile, from the resources that are tagged with a section of it.
    func profile(at place: String) -> PatientProfile {
        var profile = PatientProfile()
        for entry in bundle.entries {
            guard let word = Self.section(of: entry) else { continue }
            if word == ProfileSection.results {
                profile.results.append(result(entry, at: "\(place)/results/\(profile.results.count)"))
            } else if let section = ProfileSection(rawValue: word) {
                var items = section.items(of: profile)
                items.append(item(entry, of: section, at: "\(place)/\(section.field)/\(items.count)"))
                section.set(items, in: &profile)
            }
        }
        return profile
    }

    private static func section(of entry: FHIREntry) -> String? {
        entry.resource["meta"]?["tag"]?.arrayValue?.first {
            $0["system"]?.stringValue == NormalisedCode.profileSection
        }?["code"]?.stringValue
    }

    private func item(_ entry: FHIREntry, of section: ProfileSection, at place: String) -> ProfileItem {
        let resource = opened(entry)
        var reading = RecordReading<ProfileItem>(resource, at: place)
        if let identifier = resource.objects("identifier").first {
            identifier["system"]?.structural(.impliedSystem)
            reading.record.key = reading.text(identifier["value"], "key")
        }
        let words: SourceCursor?
        switch section {
        case .problems, .pastHistory, .allergies, .treatments: words = resource.object("code")?["text"]
        case .familyHistory: words = resource.objects("condition").first?.object("code")?["text"]
        case .medications: words = Self.words(resource.object("medicationCodeableConcept"))
        case .immunizations: words = Self.words(resource.object("vaccineCode"))
        case .socialHistory:
            resource["code"]?.structural(.constant)
            words = resource["valueString"]
        }
        reading.record.text = reading.text(words, "text")
        return reading.finished()
    }

    private func result(_ entry: FHIREntry, at place: String) -> ProfileResult {
        let resource = opened(entry)
        var reading = RecordReading<ProfileResult>(resource, at: place)
        reading.record.key = reading.text(Self.words(resource.object("code")), "key")
        reading.record.date = reading.text("effectiveDateTime", "date")
        for value in [resource["valueString"], resource["valueBoolean"], resource.object("valueQuantity")?["value"]] {
            guard let value = reading.native(value, "value") else { continue }
            value.keep(to: "\(place)/value")
            reading.record.value = value.value
        }
        return reading.finished()
    }

    /// The text of a concept that is required; one that stands in for it says nothing.
    private static func words(_ concept: SourceCursor?) -> SourceCursor? {
        for child in concept?.objects("extension") ?? [] where child.peek("url") == NormalisedCode.dataAbsentReason {
            child.structural(.filledIn)
        }
        return concept?["text"]
    }

    /// Ticks off what every resource of the profile says alike.
    private func opened(_ entry: FHIREntry) -> SourceCursor {
        let resource = open(entry)
        resource["meta"]?.structural(.constant)
        for name in ["status", "clinicalStatus", "category", "relationship", "occurrenceString"] {
            resource[name]?.structural(.filledIn)
        }
        for name in ["subject", "patient"] { _ = follow(resource.object(name)) }
        return resource
    }
}
