// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeTestKit
import Foundation
import Synchronization

/// Webhooks about invented referrals, several events each, as Ocean would post them to the integration `second`.
enum WebhookLoad {
    static func reference(_ lane: Int) -> String {
        "00000000-0000-4000-8000-" + String(format: "%012d", lane + 1)
    }

    /// The fixture's patient, to be searched for where nobody may be.
    static let canaries = ["Lachapelle", "4582190379"]

    /// Event `number` of a referral: new ids, a later time, another text.
    static func body(lane: Int, number: Int) throws -> [UInt8] {
        let fixture = try Fixture.bytes("ocean-fhir/0.11.1/add-service-request.json")
        var text = String(decoding: fixture, as: UTF8.self)
        let event = String(format: "%04d-4000-8000-%012d", lane + 1, number + 1)
        for (old, new) in [
            ("5b0c6f0e-7d6e-4a43-9f0e-2f3d1c9a7b10", reference(lane)),
            ("0cb1e29c-658c-4a14-95e6-0af593bd04cf", "aaaaaaaa-\(event)"),
            ("6513270e-269e-4d37-b2a7-4de452e6b438", "bbbbbbbb-\(event)"),
            (
                "2024-06-24T09:31:07.412-04:00",
                String(format: "2024-06-24T09:%02d:%02d.412-04:00", number / 60, number % 60)
            ),
            ("Please see within 4 weeks", "Please see within \(number + 1) weeks"),
            (#""value": "4821""#, #""value": "5678""#),
        ] {
            text = text.replacingOccurrences(of: old, with: new)
        }
        return Array(text.utf8)
    }

    static func post(_ bridge: String, lane: Int, number: Int) async throws -> HospitalSide.Answer {
        try await HospitalSide.call(
            "POST", "\(bridge)/ocean/second", headers: [("Content-Type", "application/fhir+json")],
            body: try body(lane: lane, number: number))
    }
}

/// Ids that were answered 202, per lane in the order of the answers.
final class Accepted: Sendable {
    private let lanes = Mutex<[Int: [String]]>([:])

    var all: [Int: [String]] { lanes.withLock { $0 } }
    var count: Int { all.values.reduce(0) { $0 + $1.count } }

    func add(_ id: String, lane: Int) {
        lanes.withLock { $0[lane, default: []].append(id) }
    }

    /// Waits until so many were accepted; the test's time limit ends a vain wait.
    func wait(for count: Int) async throws {
        while self.count < count { try await Task.sleep(for: .milliseconds(5)) }
    }
}
