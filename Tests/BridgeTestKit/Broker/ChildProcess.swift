// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

package import Glibc

/// Child processes in sessions of their own.
package enum ChildProcess {
    /// Starts a program in a session of its own; its output is appended to a file.
    ///
    /// - Parameter input: the descriptor that becomes standard input; /dev/null without it.
    package static func spawn(
        _ arguments: [String], environment: [String], input: Int32? = nil, output: String
    ) throws -> pid_t {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        if let input {
            posix_spawn_file_actions_adddup2(&actions, input, 0)
        } else {
            posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        }
        posix_spawn_file_actions_addopen(&actions, 1, output, O_WRONLY | O_CREAT | O_APPEND, 0o600)
        posix_spawn_file_actions_adddup2(&actions, 1, 2)
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var signals = sigset_t()
        sigemptyset(&signals)
        posix_spawnattr_setsigmask(&attributes, &signals)
        let newSession: Int16 = 0x80
        posix_spawnattr_setflags(&attributes, newSession | Int16(POSIX_SPAWN_SETSIGMASK))
        var argumentPointers: [UnsafeMutablePointer<CChar>?] = arguments.map { strdup($0) } + [nil]
        var environmentPointers: [UnsafeMutablePointer<CChar>?] = environment.map { strdup($0) } + [nil]
        defer { for pointer in argumentPointers + environmentPointers { free(pointer) } }
        var pid: pid_t = 0
        let status = posix_spawn(
            &pid, arguments[0], &actions, &attributes, &argumentPointers, &environmentPointers)
        guard status == 0 else {
            throw RabbitMQBroker.Failure("cannot start \(arguments[0]) (errno \(status))")
        }
        return pid
    }

    /// Whether the child has ended, without reaping it.
    package static func hasEnded(_ pid: pid_t) -> Bool {
        var info = siginfo_t()
        return waitid(P_PID, id_t(pid), &info, Int32(WEXITED | WNOHANG | WNOWAIT)) == 0 && info.si_signo != 0
    }

    /// Whether every thread of the process stands still.
    static func isStopped(_ pid: pid_t) -> Bool {
        guard let folder = opendir("/proc/\(pid)/task") else { return true }
        defer { closedir(folder) }
        while let entry = readdir(folder) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            guard !name.hasPrefix("."), let text = try? Files.read("/proc/\(pid)/task/\(name)/stat") else { continue }
            let state = text[(text.lastIndex(of: ")") ?? text.startIndex)...].dropFirst(2).first
            if state != "T" { return false }
        }
        return true
    }

    /// Waits on a thread of its own.
    ///
    /// - Returns: the exit code, or 128 + the signal.
    @discardableResult
    package static func waitForEnd(_ pid: pid_t) async throws -> Int32 {
        try await BlockingWork.run {
            var status: Int32 = 0
            while waitpid(pid, &status, 0) < 0, errno == EINTR {}
            let signal = status & 0x7F
            return signal == 0 ? (status >> 8) & 0xFF : 128 + signal
        }
    }
}

/// Blocking calls on a thread of their own.
package enum BlockingWork {
    private final class Job {
        let body: () -> Void

        init(_ body: @escaping () -> Void) {
            self.body = body
        }
    }

    package static func run<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            do {
                try start { continuation.resume(with: Result { try body() }) }
            } catch {
                continuation.resume(throwing: error)
            }
        }
    }

    /// Runs `body` on a thread of its own and does not wait.
    package static func start(_ body: @escaping @Sendable () -> Void) throws {
        let job = Unmanaged.passRetained(Job(body))
        var attributes = pthread_attr_t()
        pthread_attr_init(&attributes)
        defer { pthread_attr_destroy(&attributes) }
        pthread_attr_setdetachstate(&attributes, Int32(PTHREAD_CREATE_DETACHED))
        var thread = pthread_t()
        let status = pthread_create(
            &thread, &attributes,
            { argument in
                if let argument { Unmanaged<Job>.fromOpaque(argument).takeRetainedValue().body() }
                return nil
            }, job.toOpaque())
        if status != 0 {
            job.release()
            throw RabbitMQBroker.Failure("no thread (errno \(status))")
        }
    }
}

enum Files {
    static func write(_ path: String, _ text: String) throws {
        guard let file = fopen(path, "w") else { throw RabbitMQBroker.Failure("cannot write \(path)") }
        defer { fclose(file) }
        fputs(text, file)
    }

    static func read(_ path: String) throws -> String {
        guard let file = fopen(path, "r") else { throw RabbitMQBroker.Failure("cannot read \(path)") }
        defer { fclose(file) }
        var output: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 4096)
        while true {
            let count = fread(&buffer, 1, buffer.count, file)
            guard count > 0 else { break }
            output.append(contentsOf: buffer[..<count])
        }
        return String(decoding: output, as: UTF8.self)
    }
}
