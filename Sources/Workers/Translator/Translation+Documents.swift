// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore

extension Translation {
    /// Asks for the documents that the message names. Confirmed when it returns; a message that comes again asks again
    /// under the same ids.
    func requestDocuments(of message: Message, _ canonical: CanonicalMessage) async throws(Halt) {
        guard let wanted = translator.settings.documents else { return }
        let requests = wanted.messages(for: message, canonical, trace: hop.trace)
        guard !requests.isEmpty else { return }
        // The referral's own lane, so that its documents keep their order.
        let key = PartitionConsumer.lane(of: delivery)
        for request in requests {
            do throws(Interruption<BusError>) {
                try await translator.outlet.publish(
                    request, to: .exchange(BusNames.documents, routingKey: key), hop, until: stop, tally)
            } catch {
                // The queue is the bridge's own: one that is missing is declared again, and the referral waits.
                guard case .final(let failure) = error else { throw error.halt }
                throw Halt(Setback(reason: "documents-\(failure.reason)"))
            }
        }
        hop.note(.translate, "documents asked for", detail: "\(requests.count)", as: message)
    }
}
