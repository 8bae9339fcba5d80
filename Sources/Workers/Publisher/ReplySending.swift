// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import JSON
import Logging
import Ocean

/// What of a reply has reached Ocean, by words kept with the fingerprints of the referral.
struct ReplyMarks {
    /// A conversation with more messages of one text than this is not told apart any more.
    static let mostBefore = 100

    private let root: String

    /// The same for a replay.
    init(_ update: ReferralUpdate, _ message: Message) {
        root = "reply|\(update.site)|" + (update.idempotencyKey.map { "key|\($0)" } ?? "message|\(message.id)")
    }

    /// So many messages with the same text stood there before the first attempt.
    func before(_ count: Int) -> String { "\(root)|before|\(min(count, Self.mostBefore))" }
    var message: String { root + "|message" }
    func attempted(_ file: Int) -> String { "\(root)|file|\(file)|attempted" }
    func sent(_ file: Int) -> String { "\(root)|file|\(file)|sent" }

    func all(files: Int) -> [String] {
        (0...Self.mostBefore).map(before) + [message] + (0..<files).flatMap { [attempted($0), sent($0)] }
    }
}

/// A reply by the Open API: the message, then its files. Ocean takes no key that would make a second message of the same
/// reply known, so that what is there is looked at before each attempt after the first.
struct ReplySending {
    let publication: Publication
    let work: Publication.Work
    let reply: OpenReply
    let openAPI: OpenReferralAccess

    private var publisher: Publisher { publication.publisher }
    private var referral: String { work.update.referral }
    private var site: String { work.update.site }
    private var marks: ReplyMarks { ReplyMarks(work.update, publication.message) }

    private enum Failure: Error {
        case halt(Halt)
        case ocean(OceanServiceError)
    }

    func run() async throws(Halt) -> Result<OceanAnswer, OceanServiceError> {
        do throws(Failure) {
            return .success(try await send())
        } catch {
            switch error {
            case .halt(let halt): throw halt
            case .ocean(let error): return .failure(error)
            }
        }
    }

    private func send() async throws(Failure) -> OceanAnswer {
        let (json, key) = try await opened()
        var answer = OceanAnswer(status: 200, body: [])
        if try await isUnsent(json, key) {
            let body = try sealed { () throws(TranslationError) in try reply.sealed(for: json, under: key) }
            try await renew()
            answer = try await ocean { () async throws(OceanServiceError) in
                try await openAPI.service.post(message: body, to: referral, site: site, trace: publication.hop.trace)
            }
            try await remember(marks.message)
        }
        for index in reply.files.indices { try await send(index, key) }
        return answer
    }

    /// Ocean's referral: its key, and the messages that stand in it.
    private func opened() async throws(Failure) -> (JSONValue, OneTimeKey) {
        let body = try await ocean { () async throws(OceanServiceError) in
            try await publisher.ocean.referral(referral, site: site, trace: publication.hop.trace)
        }
        guard let json = try? JSONValue(parsing: body), json["referralRef"]?.stringValue == referral else {
            throw .ocean(
                OceanServiceError(.invalidAnswer, "Ocean's answer to GET referral is not the referral asked for"))
        }
        do throws(EnrichmentError) {
            return (json, try await openAPI.keyring.key(of: json, site: site, trace: publication.hop.trace))
        } catch {
            throw .ocean(OceanServiceError(error))
        }
    }

    private func isUnsent(_ json: JSONValue, _ key: OneTimeKey) async throws(Failure) -> Bool {
        if try await isRemembered(marks.message) { return false }
        let there = reply.occurrences(in: json, under: key)
        let counts = Array(0...ReplyMarks.mostBefore)
        let known = try await remembered(counts.map(marks.before))
        guard let before = counts.first(where: { known.contains(marks.before($0)) }) else {
            try await remember(marks.before(there))
            return true
        }
        guard there > before, before < ReplyMarks.mostBefore else { return true }
        publication.hop.logger.notice("Ocean has this message from an attempt whose answer was lost; going on with it")
        try await remember(marks.message)
        return false
    }

    private func send(_ index: Int, _ key: OneTimeKey) async throws(Failure) {
        let known = try await remembered([marks.attempted(index), marks.sent(index)])
        if known.contains(marks.sent(index)) { return }
        let ref = reply.files[index].ref
        if known.contains(marks.attempted(index)), try await isThere(ref) {
            return try await remember(marks.sent(index))
        }
        try await remember(marks.attempted(index))
        let block = try sealed { () throws(TranslationError) in try reply.sealedFile(index, under: key) }
        try await renew()
        _ = try await ocean { () async throws(OceanServiceError) in
            try await openAPI.service.post(
                file: block, ref: ref, to: referral, site: site, trace: publication.hop.trace)
        }
        try await remember(marks.sent(index))
    }

    /// Whether Ocean serves the file under the reference that the message gave it.
    private func isThere(_ ref: String) async throws(Failure) -> Bool {
        do throws(DocumentError) {
            _ = try await openAPI.service.attachment(
                ref, of: referral, site: site, limit: OpenReferralAccess.largestReply, trace: publication.hop.trace)
            return true
        } catch {
            guard error.code == .notFound else {
                let code: OceanServiceError.Code = error.code == .network ? .network : .unavailable
                throw .ocean(
                    OceanServiceError(code, error.message, status: error.status, retryAfter: error.retryAfter))
            }
            return false
        }
    }

    // MARK: Steps

    private func ocean<Value: Sendable>(
        _ body: () async throws(OceanServiceError) -> Value
    ) async throws(Failure) -> Value {
        do throws(OceanServiceError) { return try await body() } catch { throw .ocean(error) }
    }

    private func sealed<Value>(_ body: () throws(TranslationError) -> Value) throws(Failure) -> Value {
        do throws(TranslationError) { return try body() } catch { throw .ocean(OceanServiceError(.translation(error))) }
    }

    private func renew() async throws(Failure) {
        do throws(Halt) { try await publication.renew(work) } catch { throw .halt(error) }
    }

    private func remember(_ mark: String) async throws(Failure) {
        do throws(Halt) {
            try await publication.store("reply") { () async throws(StoreError) in
                try await publisher.store.remember(fingerprint: mark, referral: referral, now: publisher.clock.now())
            }
        } catch {
            throw .halt(error)
        }
    }

    private func isRemembered(_ mark: String) async throws(Failure) -> Bool {
        try await remembered([mark]).contains(mark)
    }

    private func remembered(_ marks: [String]) async throws(Failure) -> Set<String> {
        do throws(Halt) {
            let known = try await publication.store("reply") { () async throws(StoreError) in
                try await publisher.store.remembered(
                    marks, referral: referral, since: Timestamp(milliseconds: 0))
            }
            return Set(known.keys)
        } catch {
            throw .halt(error)
        }
    }
}
