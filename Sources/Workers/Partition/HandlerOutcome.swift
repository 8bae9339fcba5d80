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

/// Works on one delivery, retries in place included, so that later ones of the same key wait behind it. It starts
/// inside the window, which it closes before its first publish, call or wait; at its end the window is closed for it.
package typealias DeliveryHandler = @Sendable (Delivery, StopSignal, CrashWindow) async -> HandlerOutcome
