// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import Logging

/// What the log and the audit tell of one call: references and codes, nothing of the patient.
struct HookRecord {
    var service = HookMetrics.unknownService
    var caller = "nobody"
    var outcome = "unknown"
    var bytes = 0
    var cards = 0
    var faults = 0
    /// When the whole body was there.
    var started: ContinuousClock.Instant?
    var hookInstance: String?
    var referral: String?
    var messageID: String?

    func metadata(status: String, duration: Duration) -> Logger.Metadata {
        var metadata: Logger.Metadata = [
            "service": "\(service)", "caller": "\(caller)", "status": "\(status)", "outcome": "\(outcome)",
            "bytes": "\(bytes)", "milliseconds": "\(duration.nanoseconds / 1_000_000)", "cards": "\(cards)",
        ]
        if faults > 0 { metadata["card_faults"] = "\(faults)" }
        if let hookInstance { metadata["hook_instance"] = "\(hookInstance)" }
        if let referral { metadata["referral"] = "\(StableWord.of(referral))" }
        if let messageID { metadata["message_id"] = "\(messageID)" }
        return metadata
    }

    func level(status: String) -> Logger.Level {
        if status.hasPrefix("5") { return .error }
        return status.hasPrefix("2") && outcome != "overrun" && faults == 0 ? .info : .warning
    }

    /// - Parameter action: `hook.call` or `hook.feedback`.
    func event(_ action: String, status: String, at now: Timestamp) -> AuditEvent {
        AuditEvent(
            at: now, actor: "cds:\(caller)", action: action, referral: referral, messageID: messageID ?? hookInstance,
            reason: "\(service): \(outcome), \(status), \(cards) cards")
    }
}
