// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import HTTPTypes
import Hummingbird
import NIOCore
import Synchronization

/// Reads a request's body once, within a limit and a deadline.
package final class RequestBodyReader: Sendable {
    /// What came of reading.
    package enum Reading: Sendable {
        /// The whole body; the memory counts against the listener's budget as long as `reservation` lives.
        case complete([UInt8], reservation: BodyBudget.Reservation)
        case tooLarge
        /// The deadline passed first.
        case late
        /// Fewer bytes than announced.
        case truncated
        /// Too many bodies in memory at once.
        case busy
    }

    /// Bytes announced by `Content-Length`, if any.
    package let announced: Int?
    private let content: RequestBody
    private let budget: BodyBudget
    private let isRead: Mutex<Bool>

    init(_ request: Request, budget: BodyBudget) {
        content = request.body
        self.budget = budget
        let isChunked = request.headers[.transferEncoding] != nil
        announced = request.headers[.contentLength].flatMap { Int($0) }
        // Without either header a request has no body (RFC 9112 §6.3).
        isRead = Mutex(!isChunked && (announced ?? 0) == 0)
    }

    /// Whether nothing of the body is left on the connection.
    var isFinished: Bool { isRead.withLock { $0 } }

    /// - Throws: what the connection throws when it breaks or breaks the protocol.
    package func read(upTo limit: Int, until deadline: ContinuousClock.Instant) async throws -> Reading {
        guard !isFinished else {
            guard let reservation = budget.reserve() else { return .busy }
            return .complete([], reservation: reservation)
        }
        if let announced, announced > limit { return .tooLarge }
        return try await withThrowingTaskGroup(of: Reading.self) { group in
            group.addTask { try await self.collect(upTo: limit) }
            group.addTask {
                do {
                    try await Task.sleep(until: deadline, clock: .continuous)
                } catch {
                    // Cancelled: the body came first.
                }
                return .late
            }
            defer { group.cancelAll() }
            return try await group.next() ?? .late
        }
    }

    private func collect(upTo limit: Int) async throws -> Reading {
        guard let reservation = budget.reserve() else { return .busy }
        var bytes: [UInt8] = []
        for try await var chunk in content {
            let count = chunk.readableBytes
            guard bytes.count + count <= limit else { return .tooLarge }
            guard reservation.grow(by: count) else { return .busy }
            // Only what was announced and has begun to come is worth a large allocation.
            if bytes.isEmpty, let announced { bytes.reserveCapacity(min(announced, max(count, 1 << 20))) }
            bytes.append(contentsOf: chunk.readBytes(length: count) ?? [])
        }
        // A cancelled sequence ends like a finished one.
        if Task.isCancelled { return .late }
        if let announced, announced != bytes.count { return .truncated }
        isRead.withLock { $0 = true }
        return .complete(bytes, reservation: reservation)
    }
}

/// Bounds the memory of all request bodies of a listener.
package final class BodyBudget: Sendable {
    /// A part of the budget, given back when the last reference goes.
    package final class Reservation: Sendable {
        private let budget: BodyBudget
        private let taken = Mutex(0)

        init(_ budget: BodyBudget) {
            self.budget = budget
        }

        func grow(by count: Int) -> Bool {
            guard budget.take(count) else { return false }
            taken.withLock { $0 += count }
            return true
        }

        deinit {
            budget.give(taken.withLock { $0 })
        }
    }

    private let maximum: Int
    private let used = Mutex(0)

    init(maximum: Int) {
        self.maximum = maximum
    }

    var inUse: Int { used.withLock { $0 } }

    func reserve() -> Reservation? {
        inUse < maximum ? Reservation(self) : nil
    }

    private func take(_ count: Int) -> Bool {
        used.withLock { used in
            guard used + count <= maximum else { return false }
            used += count
            return true
        }
    }

    private func give(_ count: Int) {
        used.withLock { $0 -= count }
    }
}
