// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import BridgeTestKit
import Glibc
import Synchronization

/// A process that is started again whenever it ends, as an operator's service manager would.
final class SupervisedProcess: Sendable {
    private struct State {
        var pid: pid_t = 0
        var starts = 0
        var isWanted = true
        /// Ended by the tool: the next end is no surprise.
        var isStruck = false
        var variables: [String] = []
        /// Ends by SIGKILL that the tool did not send: a failpoint fired.
        var ownKills = 0
        var surprises: [String] = []
    }

    let name: String
    private let target: FaultTarget
    private let faults: FaultLog
    private let arguments: [String]
    private let environment: [String]
    private let output: String
    private let log: LineFile
    private let state = Mutex(State())

    init(
        name: String, target: FaultTarget, arguments: [String], environment: [String], output: String,
        faults: FaultLog, log: LineFile
    ) {
        self.name = name
        self.target = target
        self.faults = faults
        self.arguments = arguments
        self.environment = environment
        self.output = output
        self.log = log
    }

    /// Environment variables of the next starts.
    func set(variables: [String]) { state.withLock { $0.variables = variables } }

    var isRunning: Bool { state.withLock { $0.pid > 0 } }
    var starts: Int { state.withLock { $0.starts } }
    var ownKills: Int { state.withLock { $0.ownKills } }
    /// Ends that nobody wanted.
    var surprises: [String] { state.withLock { $0.surprises } }

    /// Runs until `stop`.
    func run() async throws {
        var failpoint: Int?
        while state.withLock({ $0.isWanted }) {
            let variables = state.withLock { $0.variables }
            let pid = try ChildProcess.spawn(arguments, environment: environment + variables, output: output)
            state.withLock { state in
                state.pid = pid
                state.starts += 1
                state.isStruck = false
            }
            log.write("\(SystemClock().now()) \(name) started as \(pid)")
            if let failpoint { faults.end(failpoint) }
            failpoint = nil
            if !state.withLock({ $0.isWanted }) { Glibc.kill(pid, SIGKILL) }
            let code = try await ChildProcess.waitForEnd(pid)
            let now = SystemClock().now()
            log.write("\(now) \(name) \(pid) ended with \(code)")
            let isFailpoint = state.withLock { state in
                state.pid = 0
                guard !state.isStruck, state.isWanted else { return false }
                if code == 128 + SIGKILL {
                    state.ownKills += 1
                    return true
                }
                state.surprises.append("\(name) ended by itself with \(code) at \(now)")
                return false
            }
            if isFailpoint { failpoint = faults.begin(target, "failpoint") }
            do { try await Task.sleep(for: .milliseconds(100)) } catch { break }
        }
    }

    /// SIGKILL.
    ///
    /// - Returns: false when it does not run now.
    func kill() -> Bool {
        state.withLock { state in
            guard state.pid > 0 else { return false }
            state.isStruck = true
            return Glibc.kill(state.pid, SIGKILL) == 0
        }
    }

    func stop() {
        state.withLock { state in
            state.isWanted = false
            state.isStruck = true
            if state.pid > 0 { Glibc.kill(state.pid, SIGKILL) }
        }
    }
}
