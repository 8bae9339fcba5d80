// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import Crypto
import FoundationEssentials

/// What stands in the clear beside a stored record: names and references only.
struct SpoolLabel: Sendable, Hashable {
    /// Of the record, new for each: a hospital may send two messages under one id.
    let id: String
    let messageID: String
    let lane: SpoolLane
    /// When the message went into the spool.
    let since: Timestamp
    /// Nil when the record is stored in the clear.
    let keyID: String?

    private enum Name {
        static let message = "spool-message"
        static let lane = "spool-lane"
        static let key = "spool-key"
    }

    init(id: String, messageID: String, lane: SpoolLane, since: Timestamp, keyID: String?) {
        self.id = id
        self.messageID = messageID
        self.lane = lane
        self.since = since
        self.keyID = keyID
    }

    /// The label of a stored message; what is missing (a damaged file) becomes a lane of its own.
    init(_ stored: Message) {
        id = stored.id
        messageID = stored.headers[Name.message]?.text ?? stored.id
        lane = SpoolLane(name: stored.headers[Name.lane]?.text ?? stored.id)
        since = stored.time
        keyID = stored.headers[Name.key]?.text
    }

    func stored(_ body: [UInt8]) -> Message {
        var headers: [String: HeaderValue] = [
            Name.message: .string(messageID), Name.lane: .string(lane.name),
        ]
        headers[Name.key] = keyID.map { .string($0) }
        return Message(
            id: id, source: "/bridge/spool", type: .unknown, subject: nil, time: since,
            contentType: "application/octet-stream", headers: headers, body: body)
    }

    /// Bound to the sealed record: it cannot be put under another label.
    fileprivate var additionalData: [UInt8] {
        var writer = ByteWriter()
        for text in ["ocean-bridge spool 1", id, messageID, lane.name, keyID ?? ""] { writer.text(text) }
        return writer.bytes
    }
}

/// Why a stored record cannot be read.
enum SpoolDamage: Error, Sendable, Hashable {
    /// Sealed with a key that is not in the settings.
    case unknownKey(id: String)
    /// The bytes were changed, or are of another form.
    case unreadable
}

/// Puts records into their stored form and back.
struct SpoolWrapping: Sendable {
    let keys: SpoolKeys?

    var keyID: String? { keys?.current.id }

    /// Nil when the cipher fails, which it has no reason to.
    func seal(_ record: SpoolRecord, _ label: SpoolLabel) -> [UInt8]? {
        guard let key = keys?.current else { return record.bytes }
        guard let box = try? AES.GCM.seal(record.bytes, using: key.key, authenticating: label.additionalData),
            let combined = box.combined
        else { return nil }
        return Array(combined)
    }

    func open(_ body: [UInt8], _ label: SpoolLabel) -> Result<SpoolRecord, SpoolDamage> {
        guard let id = label.keyID else {
            return SpoolRecord(bytes: body).map { .success($0) } ?? .failure(.unreadable)
        }
        guard let key = keys?.key(id: id) else { return .failure(.unknownKey(id: id)) }
        guard let box = try? AES.GCM.SealedBox(combined: body),
            let plain = try? AES.GCM.open(box, using: key.key, authenticating: label.additionalData),
            let record = SpoolRecord(bytes: Array(plain))
        else { return .failure(.unreadable) }
        return .success(record)
    }
}
