// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import HTTPTypes
import JSON

/// A refusal that is ready to be sent.
struct Refusal: Error {
    let answer: Answer
}

/// Reads small JSON bodies.
enum JSONBody {
    static func bytes(
        _ request: RouteRequest, upTo limit: Int, within time: Duration
    ) async throws -> Result<(bytes: [UInt8], reservation: BodyBudget.Reservation), Refusal> {
        let refusal: Answer
        switch try await request.body.read(upTo: limit, until: request.arrived + time) {
        case .complete(let bytes, let reservation): return .success((bytes, reservation))
        case .tooLarge: refusal = .problem(.contentTooLarge, "the body is longer than \(limit) bytes")
        case .late: refusal = .problem(.requestTimeout, "the body did not come in time")
        case .truncated: refusal = .problem(.badRequest, "the body is shorter than its Content-Length")
        case .busy: refusal = .retryLater("too many requests are being read at once")
        }
        return .failure(Refusal(answer: refusal))
    }

    static func object(
        _ request: RouteRequest, upTo limit: Int, within time: Duration
    ) async throws -> Result<JSONObject, Refusal> {
        switch try await bytes(request, upTo: limit, within: time) {
        case .failure(let refusal): return .failure(refusal)
        case .success(let body):
            switch value(body.bytes) {
            case .failure(let refusal): return .failure(refusal)
            case .success(.object(let object)): return .success(object)
            case .success(let other):
                return .failure(
                    Refusal(
                        answer: .problem(
                            .unprocessableContent, "expected an object, found \(other.kindName)",
                            members: ["pointer": ""])))
            }
        }
    }

    static func value(_ bytes: [UInt8]) -> Result<JSONValue, Refusal> {
        do throws(JSONError) {
            return .success(try JSONValue(parsing: bytes))
        } catch {
            return .failure(
                Refusal(
                    answer: .problem(
                        .badRequest, "the body is not JSON: \(error)",
                        members: [
                            "offset": .number(JSONNumber(error.offset)), "line": .number(JSONNumber(error.line)),
                            "column": .number(JSONNumber(error.column)),
                        ])))
        }
    }
}
