// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import Ocean
import Synchronization

/// Ocean as a test scripts it.
final class ScriptedOcean: OceanService {
    struct Call: Sendable {
        let body: [UInt8]
        let site: String
        let trace: TraceContext?
    }

    /// The number counts the calls from 1; nil is 200.
    typealias Script = @Sendable (Call, Int) async -> OceanServiceError?

    private let kept = Mutex<[Call]>([])
    private let probed = Mutex(0)
    private let journal: Journal
    private let script: Script
    private let probe: @Sendable (Int) -> OceanServiceError?

    /// The body of a 200.
    private let answer: [UInt8]

    init(
        journal: Journal = Journal(), answer: [UInt8] = [],
        probing: @escaping @Sendable (Int) -> OceanServiceError? = { _ in nil },
        _ script: @escaping Script = { _, _ in nil }
    ) {
        self.journal = journal
        self.answer = answer
        probe = probing
        self.script = script
    }

    var calls: [Call] { kept.withLock { $0 } }
    var probes: Int { probed.withLock { $0 } }

    static func unavailable(after: Duration? = nil) -> OceanServiceError {
        OceanServiceError(.unavailable, "HTTP 503", status: 503, retryAfter: after)
    }

    static func refused(_ status: Int) -> OceanServiceError {
        OceanServiceError(
            status == 401 || status == 403 ? .unauthorized : .refused, "HTTP \(status)", status: status,
            body: Array(#"{"resourceType":"OperationOutcome"}"#.utf8))
    }

    func process(_ bundle: [UInt8], site: String, trace: TraceContext?) async throws(OceanServiceError) -> OceanAnswer {
        let call = Call(body: bundle, site: site, trace: trace)
        let number = kept.withLock { calls in
            calls.append(call)
            return calls.count
        }
        journal.write("process")
        if let error = await script(call, number) { throw error }
        return OceanAnswer(status: 200, body: answer)
    }

    func check(site: String) async throws(OceanServiceError) {
        let number = probed.withLock { count in
            count += 1
            return count
        }
        journal.write("probe")
        if let error = probe(number) { throw error }
    }

    private let noRead = OceanServiceError(.notConfigured, "this script reads nothing")

    func referral(_ reference: String, site: String, trace: TraceContext?) async throws(OceanServiceError) -> [UInt8] {
        throw noRead
    }

    func patient(
        _ reference: String, site: String, trace: TraceContext?
    ) async throws(OceanServiceError) -> EncryptedContent { throw noRead }

    func note(
        patient reference: String, session: String?, site: String, trace: TraceContext?
    ) async throws(OceanServiceError) -> EncryptedContent? { throw noRead }
}
