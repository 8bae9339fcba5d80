// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import FHIR
import Ocean

enum TextFuzzing {
    static func flaws(in input: [UInt8]) -> [String] {
        let text = String(decoding: input, as: UTF8.self)
        var flaws: [String] = []
        let plain = HTMLText.plain(text)
        // Entities only ever grow shorter.
        if plain.utf8.count > text.utf8.count { flaws.append("plain text is longer than its HTML") }
        if plain.unicodeScalars.contains("\u{0}"), !text.unicodeScalars.contains("\u{0}") {
            flaws.append("plain text has a NUL that its HTML has not")
        }
        if let time = Timestamp(text), Timestamp(time.description) != time {
            flaws.append("a time changes when it is written")
        }
        let code = EventCode(code: text)
        if let code, EventCode(code: code.rawValue) != code { flaws.append("an event code changes") }
        _ = ReferenceIndex.typeAndID(text)
        if ReferenceIndex.key(ReferenceIndex.key(text)) != ReferenceIndex.key(text),
            !text.lowercased().hasPrefix("urn:uuid:")
        {
            flaws.append("the key of a key differs")
        }
        _ = ProfileReference(text)
        return flaws
    }
}
