// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import Embedded
import FoundationEssentials
import Logging
import Spool

/// The spool that the settings describe.
extension Settings {
    var spoolPath: String { dataDirectory + "/spool.sqlite" }

    /// Whether this process accepts messages for a bus that may be away.
    var usesSpool: Bool {
        spool.enabled && !bus.isEmbedded && (roles.contains(.ingress) || roles.contains(.console))
    }

    /// Runs `body` with the spool before `primary`, or with none, and closes its file afterwards.
    func withSpool(
        before primary: any MessageBus, _ logger: Logger, _ body: (SpoolingBus?) async throws -> Void
    ) async throws {
        guard usesSpool else {
            try await tellOfLeftovers(logger)
            return try await body(nil)
        }
        let keys = try spoolKeys()
        let opened = openSpool(logger)
        if case .failure(let error) = opened, !roles.contains(.ingress) {
            // The ingress of this machine has it; what comes to this process's update route waits for the bus.
            logger.notice("this process works without a spool", metadata: ["reason": "\(error.message)"])
            return try await body(nil)
        }
        let local = try opened.get()
        let spooling: SpoolingBus
        do throws(BusError) {
            spooling = try await SpoolingBus.open(
                primary: primary, local: local, storedBytes: local.storedBytes(),
                settings: SpoolSettings(
                    bounds: SpoolBounds(maximumBytes: spool.maximumBytes, maximumAge: spool.maximumAge),
                    keys: keys, publishTimeout: bus.publishTimeout),
                logger: logger)
        } catch {
            await local.shutdown()
            throw StartError(part: "spool", message: error.message)
        }
        let outcome: Result<Void, any Error>
        do {
            try await body(spooling)
            outcome = .success(())
        } catch {
            outcome = .failure(error)
        }
        await local.shutdown()
        try outcome.get()
    }

    /// - Throws: a `StartError` that names the file and the remedy.
    func spoolKeys() throws(StartError) -> SpoolKeys? {
        guard let file = spool.keyFile else { return nil }
        do throws(SpoolKeyError) {
            let previous: SpoolKey?
            if let path = spool.previousKeyFile { previous = try SpoolKey(file: path) } else { previous = nil }
            return SpoolKeys(current: try SpoolKey(file: file), previous: previous)
        } catch {
            throw StartError(part: "spool", message: error.message)
        }
    }

    private func openSpool(_ logger: Logger) -> Result<EmbeddedBus, StartError> {
        do throws(BusError) {
            var limits = EmbeddedBusLimits()
            // A record is the body with its envelope.
            limits.messageBytes += 1 << 20
            return .success(try EmbeddedBus(path: spoolPath, limits: limits, logger: logger))
        } catch {
            return .failure(StartError(part: "spool", message: error.message))
        }
    }

    /// Messages were promised delivery when the spool was in use: that it is no longer drained must be seen.
    private func tellOfLeftovers(_ logger: Logger) async throws {
        guard roles.contains(.ingress), FileManager.default.fileExists(atPath: spoolPath) else { return }
        let local = try openSpool(logger).get()
        let count: Int
        do throws(BusError) {
            count = try await local.depth(of: SpoolingBus.queue)?.ready ?? 0
        } catch {
            await local.shutdown()
            throw StartError(part: "spool", message: error.message)
        }
        await local.shutdown()
        if count > 0 {
            logger.critical(
                "the spool holds messages that were accepted, and is switched off: they are kept and not delivered",
                metadata: [
                    "messages": "\(count)", "path": "\(spoolPath)",
                    "remedy": "run once with RabbitMQ and spool.enabled: true",
                ])
        }
    }
}
