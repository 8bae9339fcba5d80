// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore

/// Enumerated words of Ocean JSON, read whatever their case, spaces, hyphens and underscores.
enum OceanWord {
    static func key(_ word: String) -> String {
        String(decoding: word.utf8.filter { $0 != 0x20 && $0 != 0x5F && $0 != 0x2D }, as: UTF8.self).uppercased()
    }

    static func kind(_ word: String) -> ReferralKind? {
        switch key(word) {
        case "EREFERRAL": .referral
        case "ECONSULT": .consult
        case "PROVIDERMESSAGE": .message
        default: nil
        }
    }

    static func word(for kind: ReferralKind) -> String {
        switch kind {
        case .referral: "E_REFERRAL"
        case .consult: "E_CONSULT"
        case .message: "PROVIDER_MESSAGE"
        }
    }

    /// Ontario's wait-time milestone, in the code of the FHIR API.
    static func milestone(_ word: String) -> String? {
        switch key(word) {
        case "WAIT1": "wait-1"
        case "WAIT1A": "wait-1a"
        case "WAIT1B": "wait-1b"
        case "WAIT2": "wait-2"
        default: nil
        }
    }

    static func word(forMilestone code: String) -> String? {
        switch code {
        case "wait-1": "WAIT_1"
        case "wait-1a": "WAIT_1A"
        case "wait-1b": "WAIT_1B"
        case "wait-2": "WAIT_2"
        default: nil
        }
    }

    /// FHIR's administrative gender; Ocean's own value set is not published.
    static func gender(_ word: String) -> String? {
        switch key(word) {
        case "M", "MALE": "male"
        case "F", "FEMALE": "female"
        case "O", "X", "OTHER": "other"
        case "U", "UNKNOWN": "unknown"
        default: nil
        }
    }

    static func word(forGender gender: String) -> String? {
        switch gender {
        case "male": "M"
        case "female": "F"
        case "other": "O"
        case "unknown": "U"
        default: nil
        }
    }
}
