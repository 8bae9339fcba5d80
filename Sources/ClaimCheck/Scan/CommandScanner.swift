// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

package import BridgeCore

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// Runs a command on each document: exit 0 is clean, 1 infected, anything else no verdict. No shell; the file's path is
/// the last argument, and the command sees nothing of the bridge's environment but PATH.
package struct CommandScanner: DocumentScanner {
    private let command: String
    private let arguments: [String]
    private let timeout: Duration

    /// - Parameter command: absolute path of the program.
    package init(command: String, arguments: [String], timeout: Duration) {
        self.command = command
        self.arguments = arguments
        self.timeout = timeout
    }

    package func scan(_ path: String) async -> ScanVerdict {
        let process: pid_t
        do throws(ClaimCheckError) {
            process = try await FileWork.run { () throws(ClaimCheckError) in try start(path) }
        } catch {
            return .failed(reason: error.message)
        }
        let deadline = ContinuousClock.now.advanced(by: timeout)
        var pause: Duration = .milliseconds(5)
        while true {
            if let verdict = Self.verdict(of: process) { return verdict }
            let isLate = ContinuousClock.now >= deadline
            if isLate || Task.isCancelled {
                // The group: what it has started ends with it.
                kill(-process, SIGKILL)
                await Self.reap(process)
                return .failed(reason: isLate ? "no verdict in time; see documents.scan.timeout" : "cancelled")
            }
            // Cancelled: seen above.
            try? await Task.sleep(for: pause)
            pause = min(pause * 2, .milliseconds(100))
        }
    }

    /// Nil while it runs.
    private static func verdict(of process: pid_t) -> ScanVerdict? {
        var status: Int32 = 0
        let result = waitpid(process, &status, WNOHANG)
        if result == 0 || (result < 0 && errno == EINTR) { return nil }
        guard result == process else { return .failed(reason: "the scanner's end was not seen") }
        // The low seven bits are a signal's number, the next byte the exit code.
        guard status & 0x7F == 0 else { return .failed(reason: "the scanner died of signal \(status & 0x7F)") }
        switch (status >> 8) & 0xFF {
        case 0: return .clean
        case 1: return .infected
        case let code: return .failed(reason: "the scanner ended with \(code)")
        }
    }

    private static func reap(_ process: pid_t) async {
        do throws(ClaimCheckError) {
            try await FileWork.run { () throws(ClaimCheckError) in
                var status: Int32 = 0
                while waitpid(process, &status, 0) < 0, errno == EINTR {}
            }
        } catch {
            // The process is ending, and init reaps then.
            return
        }
    }

    /// Blocks until the program runs.
    private func start(_ path: String) throws(ClaimCheckError) -> pid_t {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0)
        posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0)
        // One that is closed by then does no harm.
        for file in try POSIXFile.names(in: "/proc/self/fd").compactMap({ Int32($0) }) where file > 2 {
            posix_spawn_file_actions_addclose(&actions, file)
        }
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var mask = sigset_t()
        sigemptyset(&mask)
        posix_spawnattr_setsigmask(&attributes, &mask)
        var standard = sigset_t()
        sigfillset(&standard)
        posix_spawnattr_setsigdefault(&attributes, &standard)
        posix_spawnattr_setpgroup(&attributes, 0)
        posix_spawnattr_setflags(
            &attributes, Int16(POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))
        var process: pid_t = 0
        let code = Self.withCStrings([command] + arguments + [path]) { words in
            Self.withCStrings(["PATH=/usr/local/bin:/usr/bin:/bin", "LC_ALL=C"]) { environment in
                posix_spawn(&process, command, &actions, &attributes, words, environment)
            }
        }
        guard code == 0 else {
            throw ClaimCheckError(
                .unavailable, "documents.scan.command cannot be started: \(String(cString: strerror(code)))")
        }
        return process
    }

    private static func withCStrings<Value>(
        _ texts: [String], _ body: ([UnsafeMutablePointer<CChar>?]) -> Value
    ) -> Value {
        let pointers = texts.map { strdup($0) }
        defer { for pointer in pointers { free(pointer) } }
        return body(pointers + [nil])
    }
}
