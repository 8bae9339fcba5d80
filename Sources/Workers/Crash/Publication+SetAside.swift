// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import Ocean

extension Publication {
    /// Dead-letters the update over which the process died, without looking into it; a result says so when the headers
    /// or the referral's record tell whose it is.
    ///
    /// - Returns: the outcome for the metric.
    func setAside(_ crashes: Int, since started: Timestamp) async throws(Halt) -> String {
        let refusal = Refusal(crashes: crashes)
        var record: ReferralRecord?
        let referral = message.subject ?? ""
        if !referral.isEmpty {
            record = try await store("record") { () async throws(StoreError) in
                try await publisher.store.referral(referral)
            }
        }
        let site = message.attributes.site ?? record?.site ?? ""
        guard !referral.isEmpty, !site.isEmpty else {
            try await file(refusal, attempts: crashes, since: started)
            return CrashedWorker.reason
        }
        let update = ReferralUpdate(referral: referral, site: site, action: .message)
        _ = try await refused(refusal, update, record, event: nil, attempts: crashes, since: started)
        return CrashedWorker.reason
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
}

extension Refusal {
    /// The bridge itself fails over it.
    init(crashes: Int) {
        reason = CrashedWorker.reason
        detail = CrashedWorker.detail(crashes)
        status = nil
        answer = nil
        explanation =
            "The bridge fails when it works on this update, so it was set aside. Nothing was sent to Ocean; make the "
            + "change in Ocean itself and tell the bridge's administrator."
    }
}
