// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

/// Data of a message on `ocean.documents`: one document of one referral is to be fetched from Ocean.
package struct DocumentRequest: JSONRecord {
    /// Referral reference.
    package var referral = ""
    /// As Ocean named it, without its bytes.
    package var document = Document()

    package init() {}

    package static let fields: [Field<DocumentRequest>] = [
        .required("referral", \.referral), .required("document", \.document),
    ]
}

/// Data of a `document.available` message on `hospital.canonical`: a document of a referral is kept, and where.
package struct DocumentAvailable: JSONRecord {
    /// Of the kept document; the last part of `fetch`.
    package var id = ""
    /// Referral reference.
    package var referral = ""
    package var site: String?
    /// External Service ID of the listing, else the listing reference.
    package var service: String?
    /// `url` is the claim's address, `contentType`, `size` and `hash` (SHA-1, base64) are of the bytes themselves.
    package var document = Document()
    /// Lower-case hexadecimal.
    package var sha256 = ""
    /// Path on the operations listener, for systems that cannot read the store.
    package var fetch = ""
    package var storedAt = ""
    package var scanned = false

    package init() {}

    package static let fields: [Field<DocumentAvailable>] = [
        .required("id", \.id), .required("referral", \.referral), .optional("site", \.site),
        .optional("service", \.service), .required("document", \.document), .required("sha256", \.sha256),
        .required("fetch", \.fetch), .required("storedAt", \.storedAt),
        .flag("scanned", \.scanned, "a virus scanner found nothing"),
    ]

    /// What is told of a kept document.
    package init(_ claim: DocumentClaim, request: DocumentRequest, address: String, service: String?) {
        id = claim.id
        referral = claim.referral
        site = claim.site
        self.service = service
        document = request.document
        document.url = address
        document.contentType = claim.contentType
        document.size = claim.size
        document.hash = claim.hash
        document.data = nil
        document.encryptedKey = nil
        sha256 = claim.sha256
        fetch = Self.path + claim.id
        storedAt = claim.storedAt
        scanned = claim.scanned
    }

    /// Where the operations listener serves documents.
    package static let path = "/api/v1/documents/"
}
