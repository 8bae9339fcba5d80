// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import Logging
import Metrics

/// One message on its way through one worker: its log lines, its metrics, its span.
struct Hop: Sendable {
    /// `translator`, `publisher` or `documents`.
    let name: String
    let message: Message
    let logger: Logger
    let observer: any HopObserver
    /// The span of this hop, a child of the one that published the message.
    let trace: TraceContext
    private let start = ContinuousClock.now

    init(_ name: String, _ delivery: Delivery, logger: Logger, observer: any HopObserver) {
        self.name = name
        message = delivery.message
        trace = delivery.message.trace?.child() ?? .root()
        self.observer = observer
        var logger = logger
        logger[metadataKey: "message_id"] = "\(delivery.message.id)"
        logger[metadataKey: "hop"] = "\(name)"
        logger[metadataKey: "trace_id"] = "\(trace.traceID)"
        if let subject = delivery.message.subject { logger[metadataKey: "subject"] = "\(subject)" }
        self.logger = logger
    }

    /// Tells the observer.
    func note(
        _ stage: HopEvent.Stage, _ outcome: String, detail: String? = nil, as other: Message? = nil,
        event: String? = nil
    ) {
        let shown = other ?? message
        observer.hop(
            HopEvent(
                stage: stage, messageID: message.id, subject: shown.subject, type: shown.type,
                event: event ?? shown.attributes.event, outcome: outcome, detail: detail,
                attributes: shown.attributes))
    }

    /// Counts the message once, at its end here.
    func finish(_ outcome: String) {
        Counter(label: "ocean_bridge_messages_total", dimensions: [("hop", name), ("outcome", outcome)]).increment()
        let (seconds, attoseconds) = start.duration(to: .now).components
        Metrics.Timer(label: "ocean_bridge_hop_seconds", dimensions: [("hop", name)])
            .recordNanoseconds(seconds * 1_000_000_000 + attoseconds / 1_000_000_000)
        logger.debug("hop ended", metadata: ["outcome": "\(outcome)"])
    }

    /// A step that will be tried again: logged at attempts 1, 2, 4, 8, …, lest a long outage fill the log.
    func retrying(_ step: String, _ failure: some DisposedError, attempt: Int) {
        Counter(
            label: "ocean_bridge_retries_total",
            dimensions: [("hop", name), ("step", step), ("reason", failure.reason)]
        ).increment()
        guard attempt & (attempt - 1) == 0 else { return }
        logger.log(
            level: failure.disposition == .fatal ? .error : .warning, "will try again",
            metadata: ["step": "\(step)", "reason": "\(failure.reason)", "attempt": "\(attempt)"])
    }
}
