// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import JSON
import Ocean

extension Publication {
    /// The result of an update that Ocean took, with what it said to it: warnings, for example.
    ///
    /// - Parameter isReply: it went by the Open API, which answers with the reference of the message.
    func delivered(
        _ update: ReferralUpdate, _ answer: OceanAnswer, attempts: Int, isReply: Bool
    ) -> UpdateResult {
        var result = result(of: update, .delivered, attempts: attempts, status: answer.status)
        let reading = AnswerReading(answer.body)
        result.issues = reading.issues
        result.answer = reading.keptOfSuccess
        if isReply, let ref = OpenReply.reference(answer.body) { result.answer = ["messageRef": .string(ref)] }
        return result
    }

    /// Tells what would have been sent, and nothing else: no call, no fingerprint, and the update's key stays free, so
    /// that the same update can be sent in earnest later.
    ///
    /// - Returns: the outcome for the metric.
    func rehearsed(
        _ update: ReferralUpdate, _ bundle: OutgoingBundle, _ record: ReferralRecord?
    ) async throws(Halt) -> String {
        var result = result(of: update, .dryRun, attempts: 0)
        result.reason = UpdateOutcome.dryRun.rawValue
        result.explanation =
            "The bridge is set to a dry run for this site: the update was made ready and not sent. Nothing was changed "
            + "in Ocean."
        result.remedy =
            "Make the change in Ocean itself. The bridge's administrator ends the dry run with "
            + "sites.\(update.site).dryRun: false."
        // What the writer wrote is JSON.
        result.bundle = try? JSONValue(parsing: bundle.body)
        try await publish(result, update, record, event: bundle.event)
        return UpdateOutcome.dryRun.rawValue
    }
}
