// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import FHIR

/// What FHIR R4 asks of an Attachment.
enum DocumentFitness {
    /// - Throws: `TranslationError` `.invalid` at the member that FHIR has no form for.
    static func check(_ document: Document, at place: String) throws(TranslationError) {
        func check(_ name: String, _ text: String?, _ form: String, _ isFit: (String) -> Bool) throws(TranslationError)
        {
            guard let text, !text.isEmpty, !isFit(text) else { return }
            throw TranslationError(.invalid, at: "\(place)/\(name)", "must be \(form); correct it or leave it out")
        }
        try check("contentType", document.contentType, "a media type such as application/pdf") {
            Primitive.isCode($0) && $0.utf8.contains(0x2F)
        }
        try check("data", document.data, "base64", Primitive.isBase64)
        try check("url", document.url, "an address without white space", Primitive.isURI)
        try check("hash", document.hash, "base64", Primitive.isBase64)
        try check("created", document.created, "a date, or a date and time with offset", Primitive.isDateTime)
        if let size = document.size, !(0...Int(Int32.max)).contains(size) {
            throw TranslationError(.invalid, at: "\(place)/size", "must be from 0 to 2147483647 bytes")
        }
    }
}
