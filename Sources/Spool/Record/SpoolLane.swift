// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

package import BridgeCore

/// What keeps its order: messages of one lane reach the bus in the order in which they were accepted.
///
/// The lane of a publish to an exchange is exchange and routing key, hence the referral. A queue that is published to
/// straight (the invalid lane) promises order per subject only.
package struct SpoolLane: Sendable, Hashable, CustomStringConvertible {
    /// Holds names and references, no patient data: it stands beside the stored message in the clear.
    package let name: String

    package init(name: String) {
        self.name = name
    }

    package init(of message: Message, to destination: Destination) {
        switch destination {
        case .exchange(let exchange, let routingKey): name = "exchange/\(exchange)/\(routingKey)"
        case .queue(let queue): name = "queue/\(queue)/\(message.subject ?? message.id)"
        }
    }

    package var description: String { name }
}
