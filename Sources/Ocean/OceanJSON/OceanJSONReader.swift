// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

package import BridgeCore
package import JSON

/// Reads a referral of Ocean's Open eReferral API (member names as in OceanMD's published TypeScript client).
///
/// The patient's data is read from `encryptedPtData` when a key opens it, else from `ptData`: the same data in the
/// clear, the form in which the bridge hands Ocean JSON to hospital systems. Members of the bridge's own beside Ocean's
/// are `ptData`, `ptData.notes`, `siteNum`, `priority`, `test`, `category`, `code` and `attachments`; of a message
/// `msgData` and `direction`; of a file `kind`, `url`, `contentType`, `size`, `hash`, `created`, `date`, `data` and
/// `encryptedData`; of an item in `formMetadata` `text`; and `…_original` beside a member whose place was taken.
package struct OceanJSONReader: Sendable {
    private let statusMaps: StatusMaps

    package init(statusMap: StatusMap = .assumedDefault) {
        statusMaps = StatusMaps(statusMap)
    }

    /// - Parameter statusMaps: what status words mean, by the site that `siteNum` names.
    package init(statusMaps: StatusMaps) {
        self.statusMaps = statusMaps
    }

    /// - Parameters:
    ///   - keys: the site's Shared Encryption Keys. Without them encrypted parts stay encrypted in `unmapped`.
    ///   - site: the site that the referral came through, where it does not name one itself.
    ///   - given: the referral's own key, where it was unwrapped another way than with `keys`.
    /// - Returns: the referral and what became of every leaf; places of decrypted leaves stand under `/ptData`.
    /// - Throws: `TranslationError`: `.unknownFormat`, `.noReference`, or `.undecipherable` when the patient's data
    ///   does not open with the given keys.
    package func read(
        _ json: JSONValue, keys: SharedEncryptionKeys?, site: String? = nil, oneTimeKey given: OneTimeKey? = nil
    ) throws(TranslationError) -> (Referral, Ledger) {
        guard let object = json.objectValue else {
            throw TranslationError(.unknownFormat, "expected a referral as an object, found \(json.kindName)")
        }
        let log = ReadingLog(base: "/referral")
        let root = ObjectReader(object, at: "", log: log)
        guard let ref = OceanReference.text(root.peek("referralRef")) else {
            throw TranslationError(
                .noReference, at: "/referralRef", "is missing or is no reference; the referral cannot be placed")
        }
        let oneTimeKey = if let given { given } else { try Self.oneTimeKey(of: root, keys: keys) }
        var referral = Referral()
        referral.ref = ref
        _ = root.text("referralRef", to: "/ref")
        let statusMap = statusMaps.map(site: OceanReference.text(root.peek("siteNum")) ?? site)
        readState(root, statusMap, into: &referral)
        readParties(root, into: &referral)
        readBooking(root, into: &referral)
        try readPatientData(root, key: oneTimeKey, into: &referral)
        let conversation = ConversationReading(referral: referral, key: oneTimeKey)
        referral.communications = conversation.read(root)
        referral.documents = AttachmentReading(key: oneTimeKey).read(root)
        root.finish()
        referral.unmapped = log.unmapped
        return (referral, log.ledger)
    }

    /// Nil when there is nothing to unwrap with. A key that does not unwrap is an error only where the patient's data
    /// depends on it; elsewhere it is refused, and what is encrypted stays so.
    private static func oneTimeKey(
        of root: ObjectReader, keys: SharedEncryptionKeys?
    ) throws(TranslationError) -> OneTimeKey? {
        let name = "oneTimeKeyEncryptedWithSiteSEK"
        guard let keys, let wrapped = root.peek(name), !wrapped.isNull else { return nil }
        do throws(TranslationError) {
            guard let block = EncryptedBlock(json: wrapped) else {
                throw TranslationError.undecipherable(at: "/" + name)
            }
            return try keys.unwrap(block, at: "/" + name)
        } catch {
            if root.peek("encryptedPtData").map({ !$0.isNull }) ?? false, root.peek("ptData")?.objectValue == nil {
                throw error
            }
            if let (value, place) = root.take(name) { root.log.refuse(value, at: place, note: "undecipherable") }
            return nil
        }
    }

    private func readState(_ root: ObjectReader, _ statusMap: StatusMap, into referral: inout Referral) {
        referral.kind = root.word("communicationType", to: "/kind", OceanWord.kind)
        referral.statusText = root.text("status", to: "/status")
        referral.status = referral.statusText.map(statusMap.status(of:))
        referral.statusReason = root.text("cancellationReason", to: "/statusReason")
        referral.priority = root.text("priority", to: "/priority")
        referral.test = root.flag("test", to: "/test") ?? false
        referral.category = root.canonical("category", as: [Coding].self, to: "/category") ?? []
        referral.code = root.canonical("code", as: [Coding].self, to: "/code") ?? []
        referral.services = root.texts("services", to: "/services")
        referral.description = root.text("description", to: "/description")
        referral.created = root.date("creationDate", to: "/created")
        referral.sent = root.date("sentDate", to: "/sent")
        referral.modified = root.date("modificationDate", to: "/modified")
    }

    private func readParties(_ root: ObjectReader, into referral: inout Referral) {
        referral.requester = root.object("referrer").flatMap { ClinicianReading.read($0, to: "/requester") }
        referral.submitter = root.object("assistant").flatMap { ClinicianReading.read($0, to: "/submitter") }
        var receiver = Listing()
        receiver.ref = root.text("referralTargetRef", to: "/receiver/ref")
        receiver.site = root.text("siteNum", to: "/receiver/site")
        receiver.externalServiceID = root.text("externalServiceId", to: "/receiver/externalServiceId")
        if receiver != Listing() { referral.receiver = receiver }
        var source = SourceSite()
        source.number = root.text("srcSiteNum", to: "/source/number")
        source.name = root.text("srcSiteName", to: "/source/name")
        if source != SourceSite() { referral.source = source }
        var links = ReferralLinks()
        links.basedOn = root.text("masterReferralRef", to: "/links/basedOn/0").map { [$0] } ?? []
        links.isMaster = root.flag("master", to: "/links/isMaster")
        links.receiverRef = root.text("externalRef", to: "/links/receiverRef")
        links.senderRef = root.text("sourceExternalRef", to: "/links/senderRef")
        if links != ReferralLinks() { referral.links = links }
    }

    private func readBooking(_ root: ObjectReader, into referral: inout Referral) {
        referral.bookingComments = root.text("bookingComments", to: "/bookingComments")
        referral.bookingURL = root.text("bookingUrl", to: "/bookingUrl")
        referral.appointments = AppointmentReading.read(root)
    }

    private func readPatientData(
        _ root: ObjectReader, key: OneTimeKey?, into referral: inout Referral
    ) throws(TranslationError) {
        let data: ObjectReader
        if let clear = root.object("ptData") {
            data = clear
        } else if let key, let (value, place) = root.take("encryptedPtData") {
            guard let block = EncryptedBlock(json: value),
                let object = try key.decryptJSON(block, at: place).objectValue
            else { throw .undecipherable(at: place) }
            root.log.keep(value, at: place, target: "/patient", note: "decrypted; its members stand under /ptData")
            data = ObjectReader(object, at: "/ptData", log: root.log)
        } else {
            return
        }
        let content = PatientDataReading.read(data)
        referral.patient = content.patient
        referral.forms = content.forms
        referral.notes = content.notes
    }
}

/// References of Ocean: they become routing keys and parts of addresses, so only a plain text passes.
enum OceanReference {
    /// A text or number of at most 128 letters, digits and `-._:~`; nil for anything else.
    static func text(_ value: JSONValue?) -> String? {
        let text: String? =
            switch value {
            case .string(let text): text
            case .number(let number): number.text
            default: nil
            }
        guard let text, (1...128).contains(text.utf8.count), text.utf8.allSatisfy(isPlain) else { return nil }
        return text
    }

    /// `8-4-4-4-12` hexadecimal digits, as Ocean's referral references are.
    static func isUUID(_ text: String) -> Bool {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        return parts.map(\.utf8.count) == [8, 4, 4, 4, 12] && text.utf8.allSatisfy { $0 == 0x2D || isHexDigit($0) }
    }

    private static func isHexDigit(_ byte: UInt8) -> Bool {
        (0x30...0x39).contains(byte) || (0x41...0x46).contains(byte) || (0x61...0x66).contains(byte)
    }

    private static func isPlain(_ byte: UInt8) -> Bool {
        (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
            || byte == 0x2D || byte == 0x2E || byte == 0x5F || byte == 0x3A || byte == 0x7E
    }
}
