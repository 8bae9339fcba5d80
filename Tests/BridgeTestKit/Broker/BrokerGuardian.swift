// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import Glibc

/// A shell that waits for the end of this process and then kills everything that has the broker's home in its
/// environment: the broker, its helpers, its epmd.
final class BrokerGuardian: Sendable {
    /// Held open until the process ends; the kernel closes it even after SIGKILL.
    private let lifeline: Int32

    init(directory: String) throws {
        var ends: [Int32] = [0, 0]
        guard pipe(&ends) == 0 else { throw RabbitMQBroker.Failure("no pipe (errno \(errno))") }
        // A child that inherited the writing end would keep the guardian waiting.
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        lifeline = ends[1]
        let script = """
            trap '' INT TERM HUP
            read -r _
            for round in 1 2 3; do
              for process in /proc/[0-9]*; do
                if grep -qsF "HOME=$1/home" "$process/environ"; then kill -9 "${process#/proc/}" 2>/dev/null; fi
              done
              sleep 0.2
            done
            rm -rf "$1"
            """
        _ = try ChildProcess.spawn(
            ["/bin/sh", "-c", script, "ocean-broker-guardian", directory], environment: ["PATH=/usr/bin:/bin"],
            input: ends[0], output: "/dev/null")
        close(ends[0])
    }

    deinit {
        close(lifeline)
    }
}
