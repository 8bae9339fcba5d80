// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import HTTPTypes

/// What a caller shows in `Authorization`.
enum PresentedCredentials {
    case none
    case basic(user: String, password: String)
    case bearer(String)
    /// Another scheme, or a broken one.
    case unreadable

    init(_ headers: HTTPFields) {
        let fields = headers[values: .authorization]
        guard let field = fields.first else {
            self = .none
            return
        }
        let parts = field.split(separator: " ", maxSplits: 1)
        // Two of them: which one counts is anybody's guess.
        guard fields.count == 1, parts.count == 2 else {
            self = .unreadable
            return
        }
        let value = parts[1].drop { $0 == " " }
        switch parts[0].lowercased() {
        case "bearer": self = .bearer(String(value))
        case "basic":
            guard let data = Data(base64Encoded: String(value)), let text = String(validating: data, as: UTF8.self),
                let colon = text.firstIndex(of: ":")
            else {
                self = .unreadable
                return
            }
            self = .basic(user: String(text[..<colon]), password: String(text[text.index(after: colon)...]))
        default: self = .unreadable
        }
    }
}
