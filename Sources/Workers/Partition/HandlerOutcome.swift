// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

package import BridgeCore

/// What a handler has made of a delivery.
package enum HandlerOutcome: Sendable, Hashable {
    /// The next hop has confirmed, or the message stands in a dead-letter or invalid lane: acknowledge.
    case done
    /// Ended by the stop signal or a cancellation: the delivery stays unsettled and comes again in its place.
    case abandoned
    /// The destination as a whole does not serve: give the partition back until it does.
    case giveUp
}

/// Works on one delivery, retries in place included, so that later ones of the same key wait behind it. It opens the
/// window for work that can crash and closes it before it publishes, calls or waits; at its end it is closed for it.
package typealias DeliveryHandler = @Sendable (Delivery, StopSignal, CrashWindow) async -> HandlerOutcome
