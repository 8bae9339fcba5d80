// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import Logging
import Metrics

/// Why a partition is given up; a later case goes before an earlier one.
enum Leave: Int, Sendable {
    /// This worker has more than its share: it goes to the end of the line.
    case share
    /// A delivery was held too long: the same.
    case holdLimit
    /// A handler gave up.
    case gaveUp
    case busEnded
    case stopped

    /// For logs and metrics.
    var reason: String {
        switch self {
        case .share: "share"
        case .holdLimit: "hold-limit"
        case .gaveUp: "gave-up"
        case .busEnded: "bus-ended"
        case .stopped: "stopped"
        }
    }
}

extension PartitionConsumer {
    private struct Item: Sendable {
        let number: Int
        let delivery: Delivery
    }

    private enum Event: Sendable {
        case delivery(Delivery)
        case finished(String, Int, HandlerOutcome)
        case leave(Leave)
        case look
        case overdue
    }

    /// Works on what the subscription brings until the partition is to be given up and nothing runs any more.
    func work(_ subscription: Subscription, _ keeper: ShareKeeper?) async -> Leave {
        let (events, sink) = AsyncStream.makeStream(of: Event.self)
        let period = StopSignal(sleep: sleep)
        listen(subscription.queue) { sink.yield(.leave($0)) }
        if whole.isTriggered { sink.yield(.leave(.stopped)) }
        let (drain, timer) = (settings.drain, timer)
        var watch = settings.holdLimit.map { HoldWatch(limit: $0) }
        var leaving: Leave?
        await withDiscardingTaskGroup { group in
            group.addTask {
                for await delivery in subscription.deliveries { sink.yield(.delivery(delivery)) }
                sink.yield(.leave(.busEnded))
            }
            if let interval = watch?.interval {
                group.addTask {
                    // Until it is cancelled with the rest of the group.
                    while (try? await timer(interval)) != nil { sink.yield(.look) }
                }
            }
            var scheduler = LaneScheduler<String, Item>(limit: settings.concurrency)
            var count = 0
            for await event in events {
                var starts: [LaneScheduler<String, Item>.Start] = []
                var asked: Leave?
                switch event {
                case .delivery(let delivery):
                    count += 1
                    watch?.received(count)
                    // What comes while the partition is being given up does not make it held again.
                    if leaving == nil { keeper?.received(from: delivery.queue) }
                    starts = scheduler.enqueue(Self.lane(of: delivery), Item(number: count, delivery: delivery))
                case .finished(let key, let number, let outcome):
                    // Before the lane moves on: nothing of this key may pass a delivery that was not settled.
                    switch outcome {
                    case .done: watch?.settled(number)
                    case .giveUp: asked = .gaveUp
                    // On its way out it was told to; else it had a reason of its own.
                    case .abandoned: asked = leaving == nil ? .gaveUp : nil
                    }
                    if asked != nil { scheduler.stop() }
                    starts = scheduler.finished(key)
                case .leave(let leave): asked = leave
                case .look: if watch?.look() == true { asked = .holdLimit }
                case .overdue: group.cancelAll()
                }
                if let asked, leaving == nil {
                    leaving = asked
                    scheduler.stop()
                    period.trigger()
                    group.addTask {
                        // Cancelled when everything ended before; then nobody looks at the event.
                        try? await Task.sleep(for: drain)
                        sink.yield(.overdue)
                    }
                } else if let asked, let known = leaving, asked.rawValue > known.rawValue {
                    leaving = asked
                }
                for start in starts {
                    group.addTask {
                        let outcome = await self.settle(start.item.delivery, period)
                        sink.yield(.finished(start.key, start.item.number, outcome))
                    }
                }
                if leaving != nil, scheduler.running == 0 { break }
            }
            group.cancelAll()
        }
        listen(subscription.queue, nil)
        sink.finish()
        return leaving ?? .stopped
    }

    private func settle(_ delivery: Delivery, _ period: StopSignal) async -> HandlerOutcome {
        let window =
            isolation.map { $0.crashGuard.window(for: delivery, stage: $0.stage, stop: period) } ?? CrashWindow.none
        let outcome = await handler(delivery, period, window)
        await window.close()
        guard outcome == .done else { return outcome }
        do throws(BusError) {
            try await delivery.ack()
        } catch {
            // It comes again and is known as a duplicate then.
            Counter(label: "ocean_bridge_acks_lost_total", dimensions: [("queue", delivery.queue)]).increment()
            logger.info(
                "acknowledgement lost, the message will come again",
                metadata: ["message_id": "\(delivery.message.id)", "reason": "\(error.reason)"])
            return outcome
        }
        await window.settled()
        return outcome
    }
}
