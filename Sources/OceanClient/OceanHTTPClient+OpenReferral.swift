// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

package import BridgeCore
import NIOHTTP1
package import Ocean

extension OceanHTTPClient: OpenReferralService {
    package func attachment(
        _ file: String, of referral: String, site: String, limit: Int, trace: TraceContext?
    ) async throws(DocumentError) -> [UInt8] {
        // Base64 makes four bytes of three; the rest is the JSON round it.
        let most = limit / 3 * 4 + (64 << 10)
        let answer: Answer
        do throws(OceanServiceError) {
            var call = OpenCall("GET attachment", try Self.path(referral) + "/attachments/" + Self.segment(file))
            call.timeout = configuration.timeouts.document
            call.limit = most
            answer = try await openAPI(call, site: site, trace: trace)
        } catch {
            throw DocumentError(error)
        }
        guard answer.isComplete else {
            throw answer.body.count >= most
                ? DocumentError(.tooLarge, "the document is larger than \(limit) bytes; see documents.maximumBytes")
                : DocumentError(.truncated, "GET attachment: the answer broke off", status: answer.status)
        }
        return answer.body
    }

    package func privateKeys(site: String, trace: TraceContext?) async throws(OceanServiceError) -> SealedPrivateKeys {
        let answer = try await read("GET privateKey", path: "/svc/v1/site/privateKey", site: site, trace: trace)
        guard let iv = answer.header("iv") else {
            throw OceanServiceError(
                .invalidAnswer, "GET privateKey: the header iv is missing", status: answer.status)
        }
        return SealedPrivateKeys(body: answer.body, iv: iv)
    }

    package func post(
        message: [UInt8], to referral: String, site: String, trace: TraceContext?
    ) async throws(OceanServiceError) -> OceanAnswer {
        var call = OpenCall("POST message", try Self.path(referral) + "/messages")
        call.method = .POST
        call.body = message
        return try await told(call, site: site, trace: trace)
    }

    package func post(
        file: EncryptedBlock, ref: String, to referral: String, site: String, trace: TraceContext?
    ) async throws(OceanServiceError) -> OceanAnswer {
        var call = OpenCall("POST attachment", try Self.path(referral) + "/attachments")
        call.method = .POST
        // How Ocean ties the file to its reference in the message is not published: it is told in a header of its own
        // (assumed to be passed over where it is not known).
        call.headers = [("ivBase64", file.iv), ("fileRef", ref)]
        call.body = Array(file.data.utf8)
        return try await told(call, site: site, trace: trace)
    }

    /// A body that breaks off changes nothing: Ocean has taken what was posted when the status line says so.
    private func told(_ call: OpenCall, site: String, trace: TraceContext?) async throws(OceanServiceError)
        -> OceanAnswer
    {
        var call = call
        call.limit = Classification.keptBytes
        let answer = try await openAPI(call, site: site, trace: trace)
        let reading = AnswerReading(answer.body)
        guard !reading.isFailure else {
            throw Classification.failure(inside: answer, reading, call: call.name, now: clock.now())
        }
        return OceanAnswer(status: answer.status, body: answer.body)
    }

    private static func path(_ referral: String) throws(OceanServiceError) -> String {
        try "/svc/v1/referrals/" + segment(referral)
    }

    /// Proves site key and credential without OAuth: a reference that no referral has is answered 404 (assumed).
    package func checkOpenAPI(site: String) async throws(OceanServiceError) {
        do throws(OceanServiceError) {
            _ = try await read("GET referral", path: Self.path(Self.noReferral), site: site, trace: nil)
        } catch {
            guard error.code == .notFound else { throw error }
        }
    }

    private static let noReferral = "00000000-0000-0000-0000-000000000000"
}
