// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import BridgeTestKit
import FoundationEssentials
import JSON
import Ocean
import Synchronization

@testable import Workers

/// One referral of the Open eReferral API, whose conversation grows by what is posted.
final class OpenOcean: OceanService, OpenReferralService {
    struct Script: Sendable {
        /// After the message was taken; the number counts the calls from 1.
        var afterMessage: @Sendable (Int) -> OceanServiceError? = { _ in nil }
        var beforeMessage: @Sendable (Int) -> OceanServiceError? = { _ in nil }
        var afterFile: @Sendable (Int) -> OceanServiceError? = { _ in nil }
        var beforeFile: @Sendable (Int) -> OceanServiceError? = { _ in nil }
        /// What becomes of the answers to `GET referral` and `GET attachment`.
        var referral: @Sendable (JSONValue) -> [UInt8] = { $0.bytes() }
        var attachment: @Sendable (JSONValue, Int) -> [UInt8] = { json, _ in json.bytes() }
    }

    private struct State {
        var comments: [JSONValue] = []
        var files: [String: EncryptedBlock] = [:]
        var messages = 0
        var posted = 0
        var fetched = 0
        var bundles = 0
    }

    static let shared = SharedEncryptionKey(text: "Bridge#2025aBcD!")
    static let other = SharedEncryptionKey(text: "Other#2024aBcD!!")

    let key = OneTimeKey.random()
    let fileKey = OneTimeKey.random()
    let privateKey: SitePrivateKey?
    private let script: Script
    private let state = Mutex(State())

    /// - Parameter privateKey: wraps the referral's key instead of the Shared Encryption Key.
    init(privateKey: SitePrivateKey? = nil, _ change: (inout Script) -> Void = { _ in }) {
        var script = Script()
        change(&script)
        self.script = script
        self.privateKey = privateKey
    }

    /// Texts of the conversation, in order.
    var texts: [String] {
        state.withLock { state in
            state.comments.compactMap { comment in
                comment["encryptedMsg"].flatMap { EncryptedBlock(json: $0) }
                    .flatMap { try? key.decryptJSON($0, at: "") }?["message"]?.stringValue
            }
        }
    }
    /// Files that were posted, by reference.
    var files: [String: EncryptedBlock] { state.withLock { $0.files } }
    var filePosts: Int { state.withLock { $0.posted } }
    var bundles: Int { state.withLock { $0.bundles } }
    var fetches: Int { state.withLock { $0.fetched } }

    func json() throws -> JSONValue {
        var object: JSONObject = [
            "referralRef": "ref-1", "srcSiteNum": "1000", "siteNum": "1234", "status": "NEW",
            "encryptedPtData": try key.encrypt(json: ["demographics": ["surname": .string(canary)]]).json,
            "attachments": [
                [
                    "fileRef": "file-1", "fileName": "attachment",
                    "encryptedFileName": try key.encrypt(Array("\(canary).pdf".utf8)).json,
                    "encryptedEncryptionKey": try key.encrypt(fileKey.bytes).json,
                ]
            ],
            "externalConversation": .array(state.withLock { $0.comments }),
        ]
        if let privateKey {
            object["oneTimeKeyEncryptedWithTargetPublicKey"] = privateKey.wrap(key.bytes).map { .string($0) } ?? .null
        } else {
            object["oneTimeKeyEncryptedWithSiteSEK"] = try Self.shared.wrap(key).json
        }
        return .object(object)
    }

    private static let unsealable = OceanServiceError(.unavailable, "the test cannot encrypt")

    func referral(_ reference: String, site: String, trace: TraceContext?) async throws(OceanServiceError) -> [UInt8] {
        guard let json = try? json() else { throw Self.unsealable }
        return script.referral(json)
    }

    func attachment(
        _ file: String, of referral: String, site: String, limit: Int, trace: TraceContext?
    ) async throws(DocumentError) -> [UInt8] {
        let number = state.withLock { state in
            state.fetched += 1
            return state.fetched
        }
        if file == "file-1" {
            let served = ReferralAttachment(contentType: "application/pdf", bytes: DocumentSample.pdf)
            guard let json = try? served.sealed(with: fileKey, iv: InitializationVector.random()) else {
                throw DocumentError(.unavailable, "the test cannot encrypt")
            }
            return script.attachment(json, number)
        }
        guard let block = files[file] else { throw DocumentError(.notFound, "HTTP 404", status: 404) }
        return JSONValue.object(["encryptedData": block.json]).bytes()
    }

    func privateKeys(site: String, trace: TraceContext?) async throws(OceanServiceError) -> SealedPrivateKeys {
        guard let privateKey, let block = try? Self.shared.encrypt(privateKey.json.bytes()) else {
            throw Self.unsealable
        }
        return SealedPrivateKeys(body: Array(block.data.utf8), iv: block.iv)
    }

    func post(
        message: [UInt8], to referral: String, site: String, trace: TraceContext?
    ) async throws(OceanServiceError) -> OceanAnswer {
        let number = state.withLock { state in
            state.messages += 1
            return state.messages
        }
        if let error = script.beforeMessage(number) { throw error }
        if var comment = (try? JSONValue(parsing: message))?["message"] {
            comment["ref"] = .string("message-\(number)")
            let kept = comment
            state.withLock { $0.comments.append(kept) }
        }
        if let error = script.afterMessage(number) { throw error }
        return OceanAnswer(status: 200, body: Array("message-\(number)".utf8))
    }

    func post(
        file: EncryptedBlock, ref: String, to referral: String, site: String, trace: TraceContext?
    ) async throws(OceanServiceError) -> OceanAnswer {
        let number = state.withLock { state in
            state.posted += 1
            return state.posted
        }
        if let error = script.beforeFile(number) { throw error }
        state.withLock { $0.files[ref] = file }
        if let error = script.afterFile(number) { throw error }
        return OceanAnswer(status: 200, body: [])
    }

    func process(_ bundle: [UInt8], site: String, trace: TraceContext?) async throws(OceanServiceError) -> OceanAnswer {
        state.withLock { $0.bundles += 1 }
        return OceanAnswer(status: 200, body: [])
    }

    func check(site: String) async throws(OceanServiceError) {}

    func patient(
        _ reference: String, site: String, trace: TraceContext?
    ) async throws(OceanServiceError) -> EncryptedContent { throw Self.unsealable }

    func note(
        patient reference: String, session: String?, site: String, trace: TraceContext?
    ) async throws(OceanServiceError) -> EncryptedContent? { throw Self.unsealable }

    /// - Parameter keys: what the settings hold; nil for none.
    func keyring(_ keys: SharedEncryptionKeys?, usesPrivateKeys: Bool = false) -> ReferralKeyring {
        ReferralKeyring(service: self, keys: { _ in keys }, usesPrivateKeys: { _ in usesPrivateKeys })
    }
}
