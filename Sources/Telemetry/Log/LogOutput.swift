// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import Glibc
import Synchronization

/// A file descriptor that takes whole lines, each by one `write(2)`.
package final class LogOutput: Sendable {
    /// File descriptor 2, where systemd and containers collect logs.
    package static let standardError = LogOutput(descriptor: STDERR_FILENO)

    private let descriptor: Int32
    /// Pipes interleave writes longer than PIPE_BUF; the lock keeps this process's lines whole.
    private let turn = Mutex<Void>(())

    /// - Parameter descriptor: open for writing; stays the caller's to close.
    package init(descriptor: Int32) {
        self.descriptor = descriptor
    }

    /// Writes `line` in full. What cannot be written is given up: logging never stops the bridge.
    func write(_ line: [UInt8]) {
        turn.withLock { _ in
            line.withUnsafeBytes { bytes in
                var offset = 0
                while offset < bytes.count {
                    let count = Glibc.write(descriptor, bytes.baseAddress?.advanced(by: offset), bytes.count - offset)
                    if count > 0 {
                        offset += count
                    } else if count < 0, errno == EINTR {
                        continue
                    } else {
                        return
                    }
                }
            }
        }
    }
}
