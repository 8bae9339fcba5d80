// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

/// The forms of Reference.reference (https://hl7.org/fhir/R4/references.html#literal).
enum ReferenceForm: Equatable {
    /// `#id`.
    case contained(id: String)
    /// `urn:uuid:…` or `urn:oid:…`: must be in the same bundle.
    case urn
    /// An absolute address, with the resource type if it is that of a FHIR server.
    case absolute(type: String?)
    /// `Type/id`, perhaps with `/_history/version`.
    case relative(type: String)
    /// A search that a server resolves in a transaction.
    case search
    /// None of these.
    case invalid

    init(_ text: String, _ definitions: Definitions) {
        if text.utf8.first == 0x23 {
            self = .contained(id: String(text.dropFirst()))
        } else if text.hasPrefix("urn:") {
            self = .urn
        } else if Self.hasScheme(text) {
            self = .absolute(type: Self.typeAndID(text, definitions))
        } else if text.utf8.contains(0x3F) {
            let name = String(text.prefix { $0 != "?" })
            self = definitions.resourceNumber(name) == nil ? .invalid : .search
        } else if text.utf8.first != 0x2F, let type = Self.typeAndID(text, definitions),
            text.hasPrefix(type + "/")
        {
            self = .relative(type: type)
        } else {
            self = .invalid
        }
    }

    /// The type that the address itself states.
    var statedType: String? {
        switch self {
        case .absolute(let type): type
        case .relative(let type): type
        case .contained, .urn, .search, .invalid: nil
        }
    }

    static func hasScheme(_ text: String) -> Bool {
        guard let colon = text.utf8.firstIndex(of: 0x3A) else { return false }
        let scheme = text.utf8[..<colon]
        return scheme.first.map(PrimitiveScan.isLetter) == true
            && scheme.allSatisfy {
                PrimitiveScan.isLetter($0) || PrimitiveScan.isDigit($0) || $0 == 0x2B || $0 == 0x2D || $0 == 0x2E
            }
    }

    private static func typeAndID(_ text: String, _ definitions: Definitions) -> String? {
        guard text.utf8.count <= 2_048 else { return nil }
        var parts = text.split(separator: "/", omittingEmptySubsequences: false)
        if parts.count >= 4, parts[parts.count - 2] == "_history" { parts.removeLast(2) }
        guard parts.count >= 2, let id = parts.last, let type = parts.dropLast().last,
            PrimitiveScan.isID(Array(id.utf8)[...]), definitions.resourceNumber(String(type)) != nil
        else { return nil }
        return String(type)
    }
}
