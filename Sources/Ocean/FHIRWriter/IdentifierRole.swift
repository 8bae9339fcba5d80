// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore

/// Which of a record's identifiers says again what stands in a field of its own; writer and reader of the normalised
/// form must agree on it.
enum IdentifierRole {
    static func healthNumber(_ identifiers: [Identifier]) -> Int? {
        identifiers.firstIndex { HealthNumberSystem.isHealthNumber($0) }
    }

    /// The health number as its identifier tells it.
    static func healthNumber(of identifier: Identifier) -> HealthNumber {
        var number = HealthNumber()
        number.value = identifier.value
        number.province = HealthNumberSystem.province(of: identifier.system)
        number.versionCode = identifier.versionCode
        return number
    }

    static func chartNumber(_ identifiers: [Identifier]) -> Int? { first(.chartNumber, identifiers) }

    static func licence(_ identifiers: [Identifier]) -> Int? {
        identifiers.firstIndex { PractitionerSystem.isLicence($0) && $0.value != nil }
    }

    static func billingNumber(_ identifiers: [Identifier]) -> Int? {
        identifiers.firstIndex { PractitionerSystem.isBilling($0.system) && $0.value != nil }
    }

    static func username(_ identifiers: [Identifier]) -> Int? { first(.username, identifiers) }

    /// The first identifier of the system that has a value.
    static func first(_ system: NamingSystem, _ identifiers: [Identifier]) -> Int? {
        identifiers.firstIndex { system.matches($0.system) && $0.value != nil }
    }
}
