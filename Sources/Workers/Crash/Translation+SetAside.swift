// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import Ocean

extension Translation {
    /// Dead-letters the message over which the process died, as it came.
    ///
    /// - Returns: the outcome for the metric.
    func setAside(_ crashes: Int, since started: Timestamp) async throws(Halt) -> String {
        try await file(
            reason: CrashedWorker.reason, detail: CrashedWorker.detail(crashes), in: BusNames.deadLetters,
            attempts: crashes, since: started, outcome: CrashedWorker.reason)
    }

    /// Opens the window for a part of the work that can crash.
    ///
    /// - Returns: how often the process died over it, when it is to be set aside.
    func enter(_ part: String? = nil) async throws(Halt) -> Int? {
        switch await window.open(part) {
        case .entered: return nil
        case .stopped: throw Halt()
        case .poison(let crashes): return crashes
        }
    }

    /// The message in the form of every target, all written before the first is published; closes the window.
    func forms(
        of message: Message, _ canonical: CanonicalMessage
    ) async -> [(HospitalTarget, Result<Translated, TranslationError>)] {
        let output = translator.settings.targets.map { target in
            (
                target,
                Result { () throws(TranslationError) in
                    try target.writer.write(message, canonical, detail: .losses)
                }
            )
        }
        await window.close()
        return output
    }
}
