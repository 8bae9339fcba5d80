// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

package import BridgeCore
import JSON
package import Logging

/// A document that a hospital service answers with.
///
/// Without parameters the answer is kept for a time, asked for once for all who wait, and served on for a bounded time
/// when the service fails. With parameters each request is a question of its own and nothing is kept: two callers never
/// see each other's answers.
package actor RequestSource: DocumentSource {
    package struct Settings: Sendable {
        /// Names the queue, `ocean.requests.{name}`.
        package var requests: String
        /// Longest wait for one answer.
        package var timeout: Duration
        /// How long an answer is served without asking again.
        package var fresh: Duration
        /// How long after that it is served while the service fails.
        package var staleWhileError: Duration
        /// Largest document in bytes.
        package var limit: Int

        package init(requests: String, timeout: Duration, fresh: Duration, staleWhileError: Duration, limit: Int) {
            self.requests = requests
            self.timeout = timeout
            self.fresh = fresh
            self.staleWhileError = staleWhileError
            self.limit = limit
        }
    }

    private struct Copy {
        var document: DataDocument
        /// When the service said so.
        var since: ContinuousClock.Instant
    }

    /// While the service fails and there is a copy to serve, it is asked this often only.
    private static let rest = Duration.seconds(5)

    private let name: String
    private let port: any RequestPort
    private let settings: Settings
    private let clock: any WallClock
    private let current: CurrentDocument
    private let now: @Sendable () -> ContinuousClock.Instant
    private var copy: Copy?
    private var flight: Task<Result<DataReading, DataSourceError>, Never>?
    private var restsUntil: ContinuousClock.Instant?

    /// - Parameter now: the monotonic clock; tests have their own.
    package init(
        name: String, port: any RequestPort, settings: Settings, clock: any WallClock = SystemClock(),
        now: @escaping @Sendable () -> ContinuousClock.Instant = { .now }, logger: Logger
    ) {
        self.name = name
        self.port = port
        self.settings = settings
        self.clock = clock
        self.now = now
        current = CurrentDocument(name: name, logger: logger)
    }

    package func document(
        _ parameters: [String: String], question: String
    ) async throws(DataSourceError) -> DataReading {
        guard parameters.isEmpty else {
            return DataReading(try await asked(parameters, question), age: .zero)
        }
        let moment = now()
        if let copy {
            let age = copy.since.duration(to: moment)
            if age < settings.fresh { return DataReading(copy.document, age: age) }
            if let restsUntil, moment < restsUntil, let stale = stale(at: moment) { return stale }
        }
        if let flight { return try await flight.value.get() }
        // Unstructured: several requests wait for it, and the first may go away; its limit is the question's.
        let started = Task { await self.refresh(question) }
        flight = started
        let result = await started.value
        return try result.get()
    }

    private func refresh(_ question: String) async -> Result<DataReading, DataSourceError> {
        let result: Result<DataReading, DataSourceError>
        do throws(DataSourceError) {
            let document = try await asked([:], question)
            copy = Copy(document: document, since: now())
            restsUntil = nil
            current.replace(document)
            result = .success(DataReading(document, age: .zero))
        } catch {
            current.countFailure(error.code.rawValue)
            let moment = now()
            if let stale = stale(at: moment) {
                restsUntil = moment + Self.rest
                result = .success(stale)
            } else {
                result = .failure(error)
            }
        }
        flight = nil
        return result
    }

    private func stale(at moment: ContinuousClock.Instant) -> DataReading? {
        guard let copy else { return nil }
        let age = copy.since.duration(to: moment)
        return age < settings.fresh + settings.staleWhileError ? DataReading(copy.document, age: age) : nil
    }

    private func asked(_ parameters: [String: String], _ id: String) async throws(DataSourceError) -> DataDocument {
        var values = JSONObject()
        for (name, value) in parameters.sorted(by: { $0.key < $1.key }) { values[name] = .string(value) }
        let body: JSONValue = ["source": .string(name), "parameters": .object(values)]
        let question = Message(
            id: id, source: "/bridge/responder", type: .questionAsked, subject: nil, time: clock.now(),
            trace: .root(), body: body.bytes())
        let answer: Message
        do throws(RequestError) {
            answer = try await port.ask(question, of: settings.requests, within: settings.timeout)
        } catch {
            throw DataSourceError(Self.code(error.code), error.message)
        }
        return try await DataDocument.checked(answer.body, upTo: settings.limit, loadedAt: clock.now())
    }

    private static func code(_ code: RequestError.Code) -> DataSourceError.Code {
        switch code {
        case .noAnswer: .noAnswer
        case .noResponder: .noResponder
        case .unavailable, .tooMany: .unavailable
        }
    }
}
