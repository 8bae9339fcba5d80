// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import HTTPTypes

/// `If-None-Match` (RFC 9110 §13.1.2).
enum EntityTags {
    /// Whether the caller has this very document. Weak tags count as their strong ones, as the comparison for GET asks.
    static func match(_ headers: HTTPFields, _ tag: String) -> Bool {
        for field in headers[values: .ifNoneMatch] {
            for part in field.split(separator: ",") {
                var candidate = part.drop { $0 == " " || $0 == "\t" }
                while let last = candidate.last, last == " " || last == "\t" { candidate.removeLast() }
                if candidate == "*" { return true }
                if candidate.hasPrefix("W/") { candidate = candidate.dropFirst(2) }
                if candidate == tag { return true }
            }
        }
        return false
    }
}
