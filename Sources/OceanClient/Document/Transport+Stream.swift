// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import AsyncHTTPClient
import NIOCore
import NIOHTTP1
import Ocean

extension Transport {
    /// Hands a 200's body on piece by piece; reading waits while the receiver does.
    ///
    /// - Parameter deadline: of the whole body. A pause within it is bounded by the connection's read timeout.
    /// - Returns: nil when the whole body has come, else an answer that is not 200, with the beginning of its body.
    /// - Throws: `network`, `unavailable` (the time is over), `truncated`, and what the receiver throws.
    func stream(
        _ call: Call, until deadline: ContinuousClock.Instant, to receiver: any DocumentReceiver
    ) async throws(DocumentError) -> Answer? {
        let response: HTTPClientResponse
        do {
            response = try await client.execute(request(call), deadline: .now() + TimeAmount(call.timeout))
        } catch {
            throw DocumentError(.network, "\(call.name): \(Self.word(for: error)) (\(host.base))")
        }
        let status = Int(response.status.code)
        guard status == 200 else {
            let (body, isComplete) = await Self.read(
                response.body, limit: call.limit, until: min(deadline, .now.advanced(by: call.timeout)))
            return Answer(
                status: status, headers: Self.headers(of: response), body: body, isComplete: isComplete)
        }
        let length = response.headers.first(name: "Content-Length").flatMap { Int($0) }
        try await receiver.begin(
            DocumentHead(contentType: response.headers.first(name: "Content-Type"), length: length))
        var count = 0
        do {
            for try await part in response.body {
                count += part.readableBytes
                try await receiver.receive(Array(part.readableBytesView))
                if ContinuousClock.now > deadline {
                    throw DocumentError(
                        .unavailable, "\(call.name): the document did not come in time; see documents.timeout")
                }
            }
        } catch let error as DocumentError {
            throw error
        } catch is CancellationError {
            throw DocumentError(.network, "\(call.name): cancelled (\(host.base))")
        } catch let error as HTTPClientError where error == .readTimeout || error == .cancelled {
            throw DocumentError(
                .network, "\(call.name): \(Self.word(for: error)) within the document (\(host.base))")
        } catch {
            throw DocumentError(
                .truncated, "\(call.name): the document broke off: \(Self.word(for: error)) (\(host.base))",
                status: status)
        }
        if let length, length != count {
            throw DocumentError(
                .truncated, "\(call.name): the document is not as long as its Content-Length says", status: status)
        }
        return nil
    }
}
