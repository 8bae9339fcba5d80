// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import JSON

/// `cpp` and `results` of Ocean's patient.
enum ProfileReading {
    /// Takes both members out of `patient`; nil when they say nothing.
    static func read(_ patient: ObjectReader, to target: String) -> PatientProfile? {
        var profile = PatientProfile()
        if let sections = patient.object("cpp") {
            for section in ProfileSection.allCases {
                guard let reader = sections.object(section.rawValue) else { continue }
                let items = reader.objects("items").enumerated().map { index, item in
                    entry(item, to: "\(target)/\(section.field)/\(index)")
                }
                section.set(items, in: &profile)
                reader.finish()
            }
            sections.finish()
        }
        profile.results = patient.objects(ProfileSection.results).enumerated().map { index, reader in
            let place = "\(target)/results/\(index)"
            var result = ProfileResult()
            result.key = reader.text("key", to: place + "/key")
            result.value = value("val", of: reader, to: place + "/value")
            result.date = reader.text("date", to: place + "/date")
            reader.finish()
            return result
        }
        return profile == PatientProfile() ? nil : profile
    }

    private static func entry(_ reader: ObjectReader, to place: String) -> ProfileItem {
        var item = ProfileItem()
        item.key = reader.text("key", to: place + "/key")
        item.text = reader.text("desc", to: place + "/text")
        item.data = value("data", of: reader, to: place + "/data")
        reader.finish()
        return item
    }

    /// Any value, as it is.
    private static func value(_ name: String, of reader: ObjectReader, to target: String) -> JSONValue? {
        guard let (value, place) = reader.take(name) else { return nil }
        guard !ObjectReader.saysNothing(value) else {
            reader.log.pass(value, at: place)
            return nil
        }
        reader.log.keep(value, at: place, target: target)
        return value
    }
}
