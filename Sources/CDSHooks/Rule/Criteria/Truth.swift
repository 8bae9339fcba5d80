// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

/// Truth of a condition about a referral that may not say enough (Kleene's three-valued logic): a card is shown only
/// for what is certain.
enum Truth: Sendable, Hashable {
    case yes, no, unknown

    init(_ value: Bool) { self = value ? .yes : .no }

    var negated: Truth {
        switch self {
        case .yes: .no
        case .no: .yes
        case .unknown: .unknown
        }
    }

    static func all(_ values: some Sequence<Truth>) -> Truth {
        var result = Truth.yes
        for value in values {
            if value == .no { return .no }
            if value == .unknown { result = .unknown }
        }
        return result
    }

    static func any(_ values: some Sequence<Truth>) -> Truth {
        var result = Truth.no
        for value in values {
            if value == .yes { return .yes }
            if value == .unknown { result = .unknown }
        }
        return result
    }
}
