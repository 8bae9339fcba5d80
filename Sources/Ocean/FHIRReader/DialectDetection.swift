// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import FHIR
import JSON

extension Dialect {
    /// Tells Ontario's guide versions apart by what really differs in Ocean's messages: header extension, `fullUrl`
    /// and the version behind the profile. Messages that mix them count as the newer one.
    static func detect(_ bundle: FHIRBundle, _ header: MessageHeader) -> Dialect {
        let version = header.profiles.first?.version
        if version == "1.1.0" || version == "1.2.0" { return .fhir012 }
        if header.json.extensionValue(ExtensionURL.referralIdentifier) != nil { return .fhir0111 }
        if version == "1.0.1" { return .fhir0111 }
        if bundle.entries.contains(where: { $0.fullURL != nil && $0.type != "MessageHeader" }) { return .fhir0111 }
        return .fhir0100
    }
}
