// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import Foundation
import Glibc
import Synchronization

/// The real program as a child process: `ocean-bridge serve` with a settings file of its own.
package final class BridgeChild: Sendable {
    /// The debug binary beside the test bundle.
    package static var program: String {
        get throws {
            var buffer = [UInt8](repeating: 0, count: 4096)
            let count = readlink("/proc/self/exe", &buffer, buffer.count)
            let own = String(decoding: buffer.prefix(max(0, count)), as: UTF8.self)
            let folder = URL(filePath: own).deletingLastPathComponent()
            // Run by the package manager, the test process is not in the products' folder.
            for candidate in [folder.path, URL(filePath: CommandLine.arguments[0]).deletingLastPathComponent().path] {
                let path = candidate + "/ocean-bridge"
                if access(path, X_OK) == 0 { return path }
            }
            throw RabbitMQBroker.Failure("no ocean-bridge beside \(own); build the package first")
        }
    }

    package let processID: Int32
    private let output: String
    private let hasEnded = Atomic<Bool>(false)

    /// - Parameters:
    ///   - settings: the YAML of the settings file.
    ///   - directory: gets the settings file and the output.
    ///   - environment: further variables, each `NAME=value`.
    package init(settings: String, directory: String, environment: [String] = []) throws {
        let name = "\(directory)/bridge-\(UInt32.random(in: .min ... .max))"
        try Files.write(name + ".yaml", settings)
        output = name + ".log"
        processID = try ChildProcess.spawn(
            [try Self.program, "serve", "--config", name + ".yaml"],
            environment: ["PATH=/usr/bin:/bin", "LANG=C.UTF-8"] + environment, output: output)
    }

    deinit {
        if !hasEnded.load(ordering: .acquiring) { Glibc.kill(processID, SIGKILL) }
    }

    /// What it has written so far.
    package var log: String { (try? Files.read(output)) ?? "" }

    package func signal(_ number: Int32) { Glibc.kill(processID, number) }

    /// - Returns: the exit code, or 128 + the signal.
    package func waitForEnd() async throws -> Int32 {
        let code = try await ChildProcess.waitForEnd(processID)
        hasEnded.store(true, ordering: .releasing)
        return code
    }
}
