// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

package import BridgeCore
import HTTPTypes
import JSON

/// `GET /api/v1/documents/{id}?actor=…&reason=…`: a kept document, for systems that cannot read the store.
///
/// Every reading is written to the audit before the first byte goes out: who, which document of which referral, why.
package struct DocumentRoutes: Sendable {
    private static let longestText = 200

    private let claims: any ClaimCheckStore
    private let audit: any AuditTrail
    private let clock: any WallClock

    package init(claims: any ClaimCheckStore, audit: any AuditTrail, clock: any WallClock = SystemClock()) {
        self.claims = claims
        self.audit = audit
        self.clock = clock
    }

    /// For the operations listener, behind its token.
    package var routes: [Route] {
        [Route(.get, DocumentAvailable.path + "{id}") { await read($0) }]
    }

    private func read(_ request: RouteRequest) async -> Answer {
        guard let id = request.parameters["id"], DocumentClaim.isID(id) else { return Self.notFound }
        let query = FormText(request.query)?.unique ?? [:]
        guard let actor = Self.words(query["actor"]), let reason = Self.words(query["reason"]) else {
            return .problem(
                .badRequest,
                "say who asks and why: actor and reason in the query, 1 to \(Self.longestText) characters each")
        }
        do throws(ClaimCheckError) {
            guard let claim = try await claims.claim(id) else { return Self.notFound }
            do throws(StoreError) {
                try await audit.record(
                    AuditEvent(
                        at: clock.now(), actor: actor, action: "document.read", referral: claim.referral,
                        messageID: id, reason: reason))
            } catch {
                return .retryLater("the reading cannot be written to the audit now: \(error.code.rawValue)")
            }
            // Opened last: what answers to HEAD is not opened at all.
            guard request.head.method != .head else { return Self.answer(claim) }
            let reading = try await claims.open(claim)
            var answer = Self.answer(claim)
            answer.stream = Answer.Stream(length: claim.size) { try await reading.next() }
            return answer
        } catch {
            switch error.code {
            case .missing: return Self.notFound
            case .full, .unavailable, .refused:
                return .retryLater("the document store does not serve now: \(error.code.rawValue)")
            }
        }
    }

    /// Nothing in a browser runs it or keeps it.
    private static func answer(_ claim: DocumentClaim) -> Answer {
        var answer = Answer(.ok)
        answer.headers[.contentType] = claim.contentType
        answer.headers[.contentLength] = String(claim.size)
        answer.headers[.eTag] = "\"\(claim.sha256)\""
        answer.headers[.contentDisposition] = "attachment; filename=\"\(claim.id)\""
        answer.headers[.cacheControl] = "no-store"
        answer.headers[.xContentTypeOptions] = "nosniff"
        answer.headers[.contentSecurityPolicy] = "sandbox; default-src 'none'"
        return answer
    }

    private static func words(_ text: String?) -> String? {
        guard let text, !text.isEmpty, text.count <= longestText,
            text.unicodeScalars.allSatisfy({ $0.value >= 0x20 && $0.value != 0x7F })
        else { return nil }
        return text
    }

    private static let notFound = Answer.problem(
        .notFound, "there is no document of that id, or it is kept no longer; Ocean still has it")
}
