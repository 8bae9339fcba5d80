// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import JSON
import Ocean

/// How an update is known again.
struct OutboundIdentity: Sendable, Hashable {
    /// The hospital's own key where it gives one: the same key twice for one referral is the same update.
    let key: String
    /// Of the content: another content under the same key is another update.
    let digest: String
    /// Neither a key nor an id of its own: accept, decline and accept again are three updates, two of them with the same
    /// body. It is carried out each time it comes.
    let isNamed: Bool
    /// Put back by an operator.
    let isReplay: Bool

    /// - Parameters:
    ///   - part: which change of a message with several.
    ///   - said: digest of the message, where what it asks for depends on what is known of the referral: once carried
    ///     out, the same words ask for something else.
    init(_ update: ReferralUpdate, _ message: Message, part: String = "", said: String? = nil) {
        let replay = DeadLetter.replayIdentity(of: message)
        if let replay {
            key = "replay|\(replay)" + (part.isEmpty ? "" : "|\(part)")
        } else {
            let own = update.idempotencyKey.map { "key|\($0)" } ?? "message|\(message.id)"
            key = "update|\(update.site)|\(update.referral)|\(own)"
        }
        digest = said ?? ContentDigest.digest(of: update)
        isNamed =
            update.idempotencyKey != nil || !message.id.hasPrefix(Message.fallbackIDPrefix) || replay != nil
        isReplay = message.headers[DeadLetter.replayHeader].map { replay != nil || $0.isTrue } ?? false
    }
}

/// What became of an update, decided once: written on its key before anybody hears of it, so that after a crash it is not
/// tried, and does not end, another way.
enum Settled: Sendable, Hashable {
    case delivered(status: Int, attempts: Int)
    case refused(OceanServiceError.Code, detail: String, status: Int?, attempts: Int)
    case stale(StaleGuard.Staleness, attempts: Int)
}

/// What stands on an update's key.
struct UpdateNote: Sendable, Hashable {
    var digest: String
    var settled: Settled?

    init(digest: String, settled: Settled? = nil) {
        self.digest = digest
        self.settled = settled
    }

    var text: String {
        var object: JSONObject = ["digest": .string(digest)]
        switch settled {
        case .delivered(let status, let attempts):
            object["outcome"] = "delivered"
            object["status"] = .number(JSONNumber(status))
            object["attempts"] = .number(JSONNumber(attempts))
        case .refused(let code, let detail, let status, let attempts):
            object["outcome"] = "refused"
            object["code"] = .string(code.rawValue)
            object["detail"] = .string(detail)
            if let status { object["status"] = .number(JSONNumber(status)) }
            object["attempts"] = .number(JSONNumber(attempts))
        case .stale(let staleness, let attempts):
            object["outcome"] = "stale"
            object["aspect"] = .string(staleness.aspect)
            object["changedAt"] = .string(staleness.changedAt.description)
            object["attempts"] = .number(JSONNumber(attempts))
        case nil: break
        }
        return JSONValue.object(object).text()
    }

    /// Nil for a note of another kind or version.
    init?(text: String) {
        guard let json = try? JSONValue(parsing: Array(text.utf8)), let digest = json["digest"]?.stringValue else {
            return nil
        }
        self.init(digest: digest)
        let attempts = json["attempts"]?.intValue ?? 1
        switch json["outcome"]?.stringValue {
        case "delivered": settled = .delivered(status: json["status"]?.intValue ?? 200, attempts: attempts)
        case "refused":
            guard let code = json["code"]?.stringValue.flatMap({ OceanServiceError.Code(rawValue: $0) }) else { return }
            settled = .refused(
                code, detail: json["detail"]?.stringValue ?? "", status: json["status"]?.intValue, attempts: attempts)
        case "stale":
            guard let aspect = json["aspect"]?.stringValue,
                let time = json["changedAt"]?.stringValue.flatMap({ Timestamp($0) })
            else { return }
            settled = .stale(StaleGuard.Staleness(aspect: aspect, changedAt: time), attempts: attempts)
        default: break
        }
    }
}
