// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import Crypto
import JSON

/// Encrypts a decrypted Ocean JSON referral as Ocean does: patient data, messages, file names and small inline files
/// under one-time keys, the referral's own key wrapped with the site's Shared Encryption Key.
///
/// Everything random is given by the caller, so that the same referral with the same sealing gives the same bytes.
/// Initialization vectors are derived from `seed`, the place and the plaintext (HMAC-SHA-256): none is used twice for
/// different content.
package struct ReferralSealing: Sendable {
    let keys: SharedEncryptionKeys
    let oneTimeKey: OneTimeKey
    private let seed: SymmetricKey

    /// - Parameters:
    ///   - keys: the site's keys; the current one wraps.
    ///   - oneTimeKey: for referrals that do not bring a key of their own.
    ///   - seed: secret random bytes, at least 16, fresh for every use.
    package init(keys: SharedEncryptionKeys, oneTimeKey: OneTimeKey, seed: [UInt8]) {
        self.keys = keys
        self.oneTimeKey = oneTimeKey
        self.seed = SymmetricKey(data: seed)
    }

    /// With key and seed of the system's generator. Not for a translation, which must repeat its bytes.
    package static func random(keys: SharedEncryptionKeys) -> ReferralSealing {
        ReferralSealing(keys: keys, oneTimeKey: .random(), seed: AESCBC.randomBytes(32))
    }

    /// The key of a referral that came encrypted, when the site's keys open it: its other parts stay readable under it.
    func original(of wrapped: JSONValue?) -> OneTimeKey? {
        guard let block = wrapped.flatMap({ EncryptedBlock(json: $0) }) else { return nil }
        return try? keys.unwrap(block, at: "")
    }

    /// - Parameters:
    ///   - json: a referral of `OceanJSONWriter` in its decrypted form.
    ///   - original: the referral's own key, whose wrapped form stands in `json`; nil wraps `oneTimeKey`.
    /// - Throws: `TranslationError` `.invalid` when encryption fails.
    func seal(_ json: JSONValue, under original: OneTimeKey?) throws(TranslationError) -> JSONValue {
        guard var root = json.objectValue else { return json }
        let key = original ?? oneTimeKey
        if let data = root["ptData"], data.objectValue != nil {
            root["ptData"] = nil
            Self.put("encryptedPtData", try block(data.bytes(), key, at: "/encryptedPtData").json, into: &root)
        }
        for list in ["externalConversation", "internalConversation"] {
            root[list] = try each(root[list], at: "/" + list) { comment, place throws(TranslationError) in
                try sealComment(&comment, key, at: place)
            }
        }
        for list in ["attachments", "bookingFileRefs"] { try sealFiles(list, of: &root, key, at: "") }
        if original == nil {
            let place = "/oneTimeKeyEncryptedWithSiteSEK"
            let wrapped = try keys.current.wrap(key, iv: iv(at: place, key.bytes))
            Self.put("oneTimeKeyEncryptedWithSiteSEK", wrapped.json, into: &root)
        }
        return .object(root)
    }

    /// The member of the encrypted form in which what stands at `target` of the decrypted form is found.
    static func sealedPlace(_ target: String) -> String? {
        var tokens = target.split(separator: "/", omittingEmptySubsequences: false).dropFirst().map(String.init)
        guard let first = tokens.first else { return nil }
        if first == "ptData" { return "/encryptedPtData" }
        guard ["externalConversation", "internalConversation", "attachments", "bookingFileRefs"].contains(first),
            tokens.count >= 3
        else { return nil }
        let isFile = first == "attachments" || first == "bookingFileRefs"
        let isNested = !isFile && tokens.count >= 5 && tokens[2] == "attachmentRefDtos"
        let depth = isNested ? 4 : 2
        let members =
            isFile || isNested
            ? ["fileName": "encryptedFileName", "data": "encryptedData"]
            : ["message": "encryptedMsg", "msgData": "encryptedMsg"]
        guard let sealed = members[tokens[depth]] else { return nil }
        tokens = Array(tokens[..<depth]) + [sealed]
        return "/" + tokens.joined(separator: "/")
    }

    private func sealComment(
        _ comment: inout JSONObject, _ key: OneTimeKey, at place: String
    ) throws(TranslationError) {
        var content = JSONObject()
        if let text = comment["message"], text.stringValue != nil {
            content["message"] = text
            comment["message"] = nil
        }
        if let rest = comment["msgData"]?.objectValue {
            for member in rest { content[member.name] = member.value }
            comment["msgData"] = nil
        }
        if !content.isEmpty {
            let block = try block(JSONValue.object(content).bytes(), key, at: place + "/encryptedMsg")
            Self.put("encryptedMsg", block.json, into: &comment)
            Self.restore("message", in: &comment)
        }
        try sealFiles("attachmentRefDtos", of: &comment, key, at: place)
    }

    private func sealFiles(
        _ list: String, of object: inout JSONObject, _ key: OneTimeKey, at place: String
    ) throws(TranslationError) {
        object[list] = try each(object[list], at: "\(place)/\(list)") { file, place throws(TranslationError) in
            if let name = file["fileName"]?.stringValue {
                file["fileName"] = nil
                let block = try block(Array(name.utf8), key, at: place + "/encryptedFileName")
                Self.put("encryptedFileName", block.json, into: &file)
                Self.restore("fileName", in: &file)
            }
            guard let bytes = file["data"]?.stringValue.flatMap({ Base64Text.bytes($0) }) else { return }
            file["data"] = nil
            let fileKey = try fileKey(&file, key, at: place)
            Self.put("encryptedData", try block(bytes, fileKey, at: place + "/encryptedData").json, into: &file)
        }
    }

    /// The file's own key, made from the seed where the file brings none that opens.
    private func fileKey(
        _ file: inout JSONObject, _ key: OneTimeKey, at place: String
    ) throws(TranslationError) -> OneTimeKey {
        if let wrapped = file["encryptedEncryptionKey"].flatMap({ EncryptedBlock(json: $0) }),
            let own = try? key.unwrap(wrapped, at: place)
        {
            return own
        }
        guard let fresh = OneTimeKey(bytes: iv(at: place + "/key", [])) else {
            throw TranslationError(.invalid, at: place, "cannot make a key for the file")
        }
        let wrapped = try block(fresh.bytes, key, at: place + "/encryptedEncryptionKey")
        Self.put("encryptedEncryptionKey", wrapped.json, into: &file)
        return fresh
    }

    private func each(
        _ list: JSONValue?, at place: String,
        _ change: (inout JSONObject, String) throws(TranslationError) -> Void
    ) throws(TranslationError) -> JSONValue? {
        guard let elements = list?.arrayValue else { return list }
        var output: [JSONValue] = []
        for (index, element) in elements.enumerated() {
            guard var object = element.objectValue else {
                output.append(element)
                continue
            }
            try change(&object, "\(place)/\(index)")
            output.append(.object(object))
        }
        return .array(output)
    }

    private func block(
        _ plaintext: [UInt8], _ key: OneTimeKey, at place: String
    ) throws(TranslationError) -> EncryptedBlock {
        try key.encrypt(plaintext, iv: iv(at: place, plaintext))
    }

    private func iv(at place: String, _ plaintext: [UInt8]) -> [UInt8] {
        var code = HMAC<SHA256>(key: seed)
        code.update(data: Array(place.utf8) + [0])
        code.update(data: plaintext)
        return Array(code.finalize().prefix(AESCBC.blockSize))
    }

    /// Never overwrites: what did not open stays beside it.
    private static func put(_ name: String, _ value: JSONValue, into object: inout JSONObject) {
        if let old = object[name] { object[name + UnmappedWriting.suffix] = old }
        object[name] = value
    }

    /// The plain member that Ocean had beside the encrypted one, such as a file's placeholder name.
    private static func restore(_ name: String, in object: inout JSONObject) {
        guard let old = object[name + UnmappedWriting.suffix] else { return }
        object[name + UnmappedWriting.suffix] = nil
        object[name] = old
    }
}
