// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

package import BridgeCore

/// Sees each hop of each message, for the demo and the console. Events hold references and codes, no patient data.
package protocol HopObserver: Sendable {
    /// Called on the worker's task: must return at once.
    func hop(_ event: HopEvent)
}

/// Looks at nothing.
package struct SilentObserver: HopObserver {
    package init() {}
    package func hop(_ event: HopEvent) {}
}

/// One thing that happened to one message.
package struct HopEvent: Sendable, Hashable {
    package enum Stage: String, Sendable, Hashable {
        /// A message of Ocean's was looked at: duplicate, enriched, invalid.
        case translate
        /// A translated message was published to a hospital exchange.
        case deliver
        /// An update was sent to Ocean, or failed to be.
        case publish
        /// The result of an update was published.
        case result
        /// A document was fetched, told of, or refused.
        case document
        /// A form was asked for in Ocean, or its link told.
        case form
    }

    package let stage: Stage
    /// Of the message that was consumed.
    package let messageID: String
    package let subject: String?
    package let type: MessageType
    /// Ocean's event code.
    package let event: String?
    /// A stable word: `delivered`, `duplicate`, `unrouted`, `retry`, `dead-letter`, …
    package let outcome: String
    /// Exchange and routing key, a count of attempts, a reason.
    package let detail: String?
    package let attributes: MessageAttributes

    package init(
        stage: Stage, messageID: String, subject: String?, type: MessageType, event: String?, outcome: String,
        detail: String?, attributes: MessageAttributes
    ) {
        self.stage = stage
        self.messageID = messageID
        self.subject = subject
        self.type = type
        self.event = event
        self.outcome = outcome
        self.detail = detail
        self.attributes = attributes
    }
}
