// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import CDSHooks
import HTTPTypes
import JSON
import Logging

extension HookRoutes {
    /// The audit is written before the answer goes out, but a store that is slow does not keep the clinician waiting.
    private static let auditTime = Duration.milliseconds(200)

    func call(_ request: RouteRequest) async throws -> Answer {
        try await recorded(request, "hook.call") { record in
            switch try await admit(request, &record) {
            case .refused(let answer): return answer
            case .admitted(let endpoint, let body, let reservation):
                defer { withExtendedLifetime(reservation) {} }
                return await answer(body, endpoint.service, request, &record)
            }
        }
    }

    func takeFeedback(_ request: RouteRequest) async throws -> Answer {
        try await recorded(request, "hook.feedback") { record in
            switch try await admit(request, suffix: "/feedback", &record) {
            case .refused(let answer): return answer
            case .admitted(let endpoint, let body, let reservation):
                return await publish(body, endpoint.service, request, reservation, &record)
            }
        }
    }

    private func answer(
        _ body: [UInt8], _ service: HookService, _ request: RouteRequest, _ record: inout HookRecord
    ) async -> Answer {
        let answer: HookAnswer
        do throws(HookError) {
            answer = try await parts.desk.answer(
                body, for: service, trace: request.trace?.child() ?? .root(), started: record.started ?? .now)
        } catch {
            record.outcome = error.reason
            return Self.problem(error)
        }
        metrics.answer(answer, service: service.id)
        record.hookInstance = answer.hookInstance
        record.referral = answer.referral
        record.cards = answer.cards.count
        record.faults = answer.faults.count
        let isPartial = answer.parts.contains { $0.outcome != "answered" }
        record.outcome = answer.isOverrun ? "overrun" : isPartial ? "partly-answered" : "answered"
        for part in answer.parts where part.outcome != "answered" {
            parts.logger.warning(
                "a part of a CDS service did not answer",
                metadata: ["service": "\(service.id)", "part": "\(part.name)", "outcome": "\(part.outcome)"])
        }
        for fault in answer.faults {
            parts.logger.warning(
                fault.isDropped ? "a card was dropped" : "a critical card was mended",
                metadata: ["service": "\(service.id)", "part": "\(fault.part)", "fault": "\(fault.fault)"])
        }
        return .json(answer.json)
    }

    private func publish(
        _ body: [UInt8], _ service: HookService, _ request: RouteRequest, _ reservation: BodyBudget.Reservation,
        _ record: inout HookRecord
    ) async -> Answer {
        let feedback: HookFeedback
        do throws(HookError) {
            feedback = try HookFeedback(body, for: service)
        } catch {
            record.outcome = error.reason
            return Self.problem(error)
        }
        let message = feedback.message(now: parts.clock.now(), trace: request.trace?.child() ?? .root())
        record.messageID = message.id
        let exchange = BusNames.hospitalCanonical
        var outcome = await publisher.publish(
            message, to: .exchange(exchange, routingKey: feedback.routingKey), integration: "cds:\(service.id)",
            holding: reservation)
        if case .failed(let error) = outcome, error.code == .unroutable {
            // Nobody is bound for it: kept like any message of the hospital's exchanges that nobody wanted.
            var kept = message
            let now = parts.clock.now().description
            for (name, value) in [
                ("x-reason", error.reason), ("x-exchange", exchange), ("x-routing-key", feedback.routingKey),
                ("x-stage", "cds-feedback"), ("x-first-at", now), ("x-last-at", now),
            ] { kept.headers[name] = .string(value) }
            kept.headers["x-attempts"] = .integer(1)
            outcome = await publisher.publish(
                kept, to: .queue(BusNames.unrouted), integration: "cds:\(service.id)", holding: reservation)
        }
        switch outcome {
        case .durable:
            metrics.feedback(feedback, service: service.id)
            record.outcome = "accepted"
            return .json(["status": "accepted", "id": .string(message.id)])
        case .late: record.outcome = "bus-late"
        case .failed(let error): record.outcome = "bus-\(error.reason)"
        }
        return .retryLater("the feedback cannot be made durable now")
    }

    private func recorded(
        _ request: RouteRequest, _ action: String, _ work: (inout HookRecord) async throws -> Answer
    ) async throws -> Answer {
        var record = HookRecord()
        do {
            let answer = try await work(&record)
            await finish(request, record, action, status: String(answer.status.code))
            return finished(answer, request)
        } catch {
            record.outcome = "aborted"
            await finish(request, record, action, status: "aborted")
            throw error
        }
    }

    private func finish(_ request: RouteRequest, _ record: HookRecord, _ action: String, status: String) async {
        // Our own time: what the caller takes to send the body is his.
        let duration = ContinuousClock.now - (record.started ?? request.arrived)
        metrics.call(service: record.service, outcome: record.outcome, status: status, duration: duration)
        parts.logger.log(
            level: record.level(status: status), "\(action)",
            metadata: record.metadata(status: status, duration: duration))
        // Strangers fill no book.
        guard record.started != nil else { return }
        let event = record.event(action, status: status, at: parts.clock.now())
        let logger = parts.logger
        let audit = parts.audit
        let written = await Deadline.value(within: Self.auditTime, cancelling: false) { () -> String? in
            do throws(StoreError) {
                try await audit.record(event)
                return nil
            } catch {
                return error.reason
            }
        }
        if let fault = written ?? "late" {
            logger.error(
                "a call of a CDS service is not in the audit",
                metadata: ["service": "\(record.service)", "reason": "\(fault)"])
        }
    }
}
