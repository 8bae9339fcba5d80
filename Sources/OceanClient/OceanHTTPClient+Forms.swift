// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

package import BridgeCore
import NIOHTTP1
package import Ocean

/// Forms for a patient, asked for with the site's Open API key.
extension OceanHTTPClient: FormService {
    package func createForm(
        _ call: FormCall, site: String, trace: TraceContext?
    ) async throws(OceanServiceError) -> FormAnswer {
        let name = "\(call.method) form"
        guard let openAPI = configuration.sites[site]?.openAPI else {
            throw OceanServiceError(
                .notConfigured,
                "\(name): no Open API key for this site; set openApi.siteKey and openApi.siteCredential")
        }
        let prepared = Transport.Call(
            name: name, method: HTTPMethod(rawValue: call.method), path: call.path,
            headers: [("siteNum", site), ("Content-Type", call.contentType), ("Accept", "application/json")]
                + call.headers.map { ($0.name, $0.value) } + Self.headers(trace),
            body: call.body, timeout: configuration.timeouts.call, limit: Classification.keptBytes)
        let answer = try await send(
            prepared,
            adding: [("siteKey", openAPI.siteKey.value), ("siteCredential", openAPI.siteCredential.value)])
        _ = try accepted(answer, prepared)
        // A body that breaks off has no link in it; whether Ocean created the forms it does not say.
        return FormAnswer(
            status: answer.status, headers: answer.headers, body: answer.isComplete ? answer.body : [])
    }
}
