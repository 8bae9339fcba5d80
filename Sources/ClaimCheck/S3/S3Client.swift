// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import AsyncHTTPClient
import BridgeCore
import NIOCore
import NIOHTTP1

/// PUT, GET and HEAD of objects (Amazon S3 API Reference), each signed.
struct S3Client: Sendable {
    let client: HTTPClient
    let address: S3Address
    let signature: S3Signature
    let clock: any WallClock
    let timeout: Duration

    enum Body: Sendable {
        case none
        case bytes([UInt8], sha256: String)
        case file(String, size: Int, sha256: String)
    }

    static func makeClient(timeout: Duration) -> HTTPClient {
        var settings = HTTPClient.Configuration(redirectConfiguration: .disallow)
        settings.timeout.connect = .seconds(10)
        settings.timeout.read = .seconds(60)
        settings.timeout.write = .seconds(60)
        settings.decompression = .disabled
        return HTTPClient(eventLoopGroupProvider: .singleton, configuration: settings)
    }

    /// - Returns: the response with its body unread; nil for 404.
    /// - Throws: `unavailable`, `refused`.
    func send(
        _ method: HTTPMethod, _ key: String, _ body: Body = .none
    ) async throws(ClaimCheckError) -> HTTPClientResponse? {
        let what = "\(method.rawValue) s3://\(address.bucket)"
        let (seconds, _) = timeout.components
        let response: HTTPClientResponse
        do {
            response = try await client.execute(
                try request(method, key, body), deadline: .now() + .seconds(seconds))
        } catch let error as ClaimCheckError {
            throw error
        } catch {
            throw ClaimCheckError(
                .unavailable, "\(what): no answer of \(address.endpoint) (\(type(of: error)))")
        }
        switch response.status.code {
        case 200...299: return response
        case 404 where method != .PUT: return nil
        case 301, 307, 308:
            throw ClaimCheckError(.refused, "\(what): HTTP \(response.status.code); is endpoint or region right?")
        case 400...499 where ![408, 425, 429].contains(response.status.code):
            throw ClaimCheckError(
                .refused,
                "\(what): HTTP \(response.status.code); check bucket, documents.store.accessKeyId and its secret")
        default:
            throw ClaimCheckError(.unavailable, "\(what): HTTP \(response.status.code) of \(address.endpoint)")
        }
    }

    private func request(
        _ method: HTTPMethod, _ key: String, _ body: Body
    ) throws(ClaimCheckError) -> HTTPClientRequest {
        let path = PathText.escaped("/\(address.bucket)/" + (address.prefix.isEmpty ? key : "\(address.prefix)/\(key)"))
        var digest = S3Signature.emptyDigest
        var request = HTTPClientRequest(url: address.endpoint + path)
        request.method = method
        switch body {
        case .none: break
        case .bytes(let bytes, let sha256):
            digest = sha256
            request.body = .bytes(ByteBuffer(bytes: bytes))
        case .file(let file, let size, let sha256):
            digest = sha256
            request.body = .stream(FilePieces(path: file), length: .known(Int64(size)))
        }
        let date = S3Signature.date(clock.now())
        let host = String(address.endpoint.drop { $0 != "/" }.dropFirst(2))
        let headers = [("host", host), ("x-amz-content-sha256", digest), ("x-amz-date", date)]
        for (name, value) in headers { request.headers.add(name: name, value: value) }
        request.headers.add(
            name: "Authorization",
            value: signature.authorization(
                method: method.rawValue, path: path, headers: headers, digest: digest, date: date))
        return request
    }
}

/// A file in pieces, read as the connection takes them.
private struct FilePieces: AsyncSequence, Sendable {
    let path: String

    struct AsyncIterator: AsyncIteratorProtocol {
        let path: String
        var reading: FileReading?

        mutating func next() async throws -> ByteBuffer? {
            let path = path
            let reading =
                if let reading { reading } else {
                    try await FileWork.run { () throws(ClaimCheckError) in try FileReading(path: path) }
                }
            self.reading = reading
            return try await reading.next().map { ByteBuffer(bytes: $0) }
        }
    }

    func makeAsyncIterator() -> AsyncIterator { AsyncIterator(path: path) }
}
