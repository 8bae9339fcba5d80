// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import BridgeTestKit
import Glibc
import JSON
import Logging
import RabbitMQ

/// A broker, a pretend Ocean, an ingress and workers, each a process of its own, and the hospital's side in this one.
final class FaultBench: Sendable {
    static let canonicalQueue = "faults.canonical"
    static let fhirQueue = "faults.fhir"
    static let resultsQueue = "faults.results"
    /// Unacknowledged deliveries of one receiver of the hospital.
    static let prefetch = 200

    let options: FaultOptions
    let broker: RabbitMQBroker
    let files: BridgeFiles
    let sandbox: SupervisedProcess
    let ingress: SupervisedProcess
    let workers: [SupervisedProcess]
    let faults: FaultLog
    let http = HTTPCaller()
    let producer: ProducerLog
    let canonical: ReceiverLog
    let fhir: ReceiverLog
    let results: ReceiverLog
    let deadLetters: ReceiverLog
    let invalid: ReceiverLog
    /// The hospital's receiving and its sending side.
    let receiving: RabbitMQBus
    let sending: RabbitMQBus
    let events: LineFile

    private init(_ options: FaultOptions, broker: RabbitMQBroker, directory: String) async throws {
        self.options = options
        self.broker = broker
        files = try BridgeFiles(directory: directory, brokerAddress: broker.address + "/%2f")
        let own = files
        // The guardian of the broker finds these processes by their home, should this one be killed.
        let environment = [
            "PATH=/usr/bin:/bin", "HOME=\(broker.directory)/home", "LANG=C.UTF-8", "SWIFT_BACKTRACE=enable=no",
        ]
        let events = try LineFile("\(directory)/events.log")
        self.events = events
        let faults = FaultLog(file: events)
        self.faults = faults
        func process(
            _ name: String, _ target: FaultTarget, _ arguments: [String]
        ) async throws -> SupervisedProcess {
            // One store for all of the bridge: they share one machine here.
            let settings = try await own.write(name, options, shared: target != .sandbox)
            return SupervisedProcess(
                name: name, target: target, arguments: [options.binary] + arguments + ["--config", settings],
                environment: environment, output: "\(directory)/\(name).log", faults: faults, log: events)
        }
        sandbox = try await process("sandbox", .sandbox, ["sandbox"])
        ingress = try await process("ingress", .ingress, ["serve", "--roles", "ingress,console"])
        var workers: [SupervisedProcess] = []
        for number in 1...max(1, options.workers) {
            workers.append(
                try await process("worker-\(number)", .worker, ["serve", "--roles", "translator,publisher"]))
        }
        self.workers = workers
        producer = ProducerLog(file: try LineFile("\(directory)/producer.log"))
        let received = try LineFile("\(directory)/received.log")
        canonical = ReceiverLog("canonical", file: received)
        fhir = ReceiverLog("fhir", file: received)
        results = ReceiverLog("results", file: received)
        deadLetters = ReceiverLog("dead-letters", file: received)
        invalid = ReceiverLog("invalid", file: received)
        var logger = Logger(label: "hospital") { StreamLogHandler.standardError(label: $0) }
        logger.logLevel = .critical
        var configuration = try RabbitMQConfiguration(url: files.brokerAddress)
        configuration.connectionName = "hospital"
        configuration.heartbeat = 5
        receiving = RabbitMQBus(configuration: configuration, logger: logger)
        sending = RabbitMQBus(configuration: configuration, logger: logger)
    }

    /// Starts everything, gives it to `body` once all of it serves, and stops it.
    static func run<Value: Sendable>(
        _ options: FaultOptions, prepare: @Sendable (RabbitMQBroker) async throws -> Void = { _ in },
        _ body: @escaping @Sendable (FaultBench) async throws -> Value
    ) async throws -> Value {
        guard access(options.binary, X_OK) == 0 else {
            throw FaultFailure("\(options.binary) is not there; build the product ocean-bridge first")
        }
        let broker = try await RabbitMQBroker.start()
        let directory = options.keep ?? "\(broker.directory)/run"
        guard mkdir(directory, 0o700) == 0 || errno == EEXIST else {
            throw FaultFailure("cannot make \(directory) (errno \(errno))")
        }
        let bench: FaultBench
        do {
            try await prepare(broker)
            bench = try await FaultBench(options, broker: broker, directory: directory)
        } catch {
            try await broker.kill()
            throw error
        }
        let result: Result<Value, any Error>
        do {
            result = .success(try await bench.serve(body))
        } catch {
            result = .failure(error)
        }
        await bench.receiving.shutdown()
        await bench.sending.shutdown()
        try await bench.http.shutdown()
        try await broker.kill()
        return try result.get()
    }

    private var processes: [SupervisedProcess] { [sandbox, ingress] + workers }

    private func serve<Value: Sendable>(
        _ body: @escaping @Sendable (FaultBench) async throws -> Value
    ) async throws -> Value {
        try await declare()
        return try await withThrowingTaskGroup(of: Void.self) { group in
            for process in processes { group.addTask { try await process.run() } }
            try await receive(&group)
            let result: Result<Value, any Error>
            do {
                try await untilReady()
                // The bridge may have declared more.
                try await broker.settle()
                result = .success(try await body(self))
            } catch {
                result = .failure(error)
            }
            for process in processes { process.stop() }
            await receiving.shutdown()
            group.cancelAll()
            while let ended = await group.nextResult() {
                // What matters was judged in `body`; here the parts only end.
                _ = ended
            }
            return try result.get()
        }
    }

    private func declare() async throws {
        try await receiving.declare(.bridge(partitions: options.partitions, intake: true))
        try await receiving.bind(queue: Self.canonicalQueue, to: BusNames.hospitalCanonical, routingKey: "#")
        try await receiving.bind(queue: Self.fhirQueue, to: BusNames.hospitalFHIR, routingKey: "#")
        try await receiving.bind(queue: Self.resultsQueue, to: BusNames.results, routingKey: "#")
        try await broker.settle()
        await noteRings()
    }

    /// Writes down which queue each bucket of the consistent-hash exchanges leads to: a referral whose bucket leads
    /// elsewhere after a restart is overtaken by its own later messages.
    func noteRings() async {
        // It may be killed again in this very moment, and a later version may keep its rings elsewhere.
        let text = try? await broker.control(
            "eval",
            "[{element(4, X), [element(4, V) || {_, V} <- lists:sort(maps:to_list(M))]} || {chx_hash_ring, X, M, _} "
                + "<- ets:tab2list(rabbit_exchange_type_consistent_hash_ring_state)].")
        events.write("\(SystemClock().now()) rings " + (text ?? "not known").filter { !$0.isWhitespace })
    }

    /// Ingress and pretend Ocean answer.
    func untilReady() async throws {
        try await until("\(files.ocean) and \(files.operations)/readyz answer", within: .seconds(60)) {
            guard await self.http.call("GET", "\(self.files.ocean)/sandbox/api/faults")?.status == 200 else {
                return false
            }
            return await self.http.call("GET", "\(self.files.operations)/readyz")?.status == 200
        }
    }

    /// Asks again and again.
    ///
    /// - Parameter limit: on a machine with nothing else to do; three times as long is waited before it counts as in
    ///   vain.
    func until(
        _ what: String, within limit: Duration, every pause: Duration = .milliseconds(100),
        _ isTrue: () async throws -> Bool
    ) async throws {
        let deadline = ContinuousClock.now + limit * 3
        while try await !isTrue() {
            guard ContinuousClock.now < deadline else { throw FaultFailure("waited \(limit) in vain until \(what)") }
            try await Task.sleep(for: pause)
        }
    }
}
