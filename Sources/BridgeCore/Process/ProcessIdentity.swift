// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import Glibc

/// Names a process so that others on the same machine can tell for certain that it is dead: a process id alone is given
/// out again, with its start time it is not.
package struct ProcessIdentity: Sendable, Hashable {
    /// Host name, boot and process-id namespace: within all three a process id means one process.
    package let host: String
    package let pid: Int32
    /// Clock ticks between the boot and the start of the process.
    package let startTicks: UInt64

    package init(host: String, pid: Int32, startTicks: UInt64) {
        self.host = host
        self.pid = pid
        self.startTicks = startTicks
    }

    /// This process; nil where `/proc` does not tell.
    package static let current: ProcessIdentity? = {
        let pid = getpid()
        guard let host = hostIdentity(), case .text(let text) = read("/proc/\(pid)/stat"),
            let stat = ProcessStat(text)
        else { return nil }
        return ProcessIdentity(host: host, pid: pid, startTicks: stat.startTicks)
    }()

    /// The name of a holder of leases within this process.
    ///
    /// - Parameter instance: tells several holders of one process apart; unique per start.
    package static func holder(instance: String) -> String {
        guard let current else { return instance }
        return "\(current.host)/\(current.pid)/\(current.startTicks)#\(instance)"
    }

    /// Reads what `holder` made; nil for any other text.
    package init?(holder: String) {
        guard let end = holder.firstIndex(of: "#") else { return nil }
        let parts = holder[..<end].split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 3, !parts[0].isEmpty, let pid = Int32(parts[1]), pid > 0,
            let ticks = UInt64(parts[2])
        else { return nil }
        self.init(host: String(parts[0]), pid: pid, startTicks: ticks)
    }

    /// Whether the holder's process is dead beyond doubt: it ran on this machine, since its last boot, in this
    /// namespace, and its process id is free, another's, or a zombie's. Any doubt is a no.
    ///
    /// Reads `/proc`, which is memory: it does not block.
    package static func isDead(holder: String) -> Bool {
        guard let identity = ProcessIdentity(holder: holder), let current, identity.host == current.host else {
            return false
        }
        switch read("/proc/\(identity.pid)/stat") {
        case .text(let text):
            guard let stat = ProcessStat(text) else { return false }
            return stat.startTicks != identity.startTicks || stat.hasEnded
        case .missing:
            // Mounted with `hidepid`, /proc hides the processes of other users; the kernel does not.
            return kill(identity.pid, 0) == -1 && errno == ESRCH
        case .unreadable: return false
        }
    }

    private static func hostIdentity() -> String? {
        var name = [CChar](repeating: 0, count: 256)
        guard gethostname(&name, name.count - 1) == 0,
            case .text(let boot) = read("/proc/sys/kernel/random/boot_id"),
            let namespace = link("/proc/self/ns/pid")
        else { return nil }
        let host = name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
        let parts = [String(decoding: host, as: UTF8.self), boot, namespace].map { part in
            String(part.filter { ($0.isLetter || $0.isNumber || "-._".contains($0)) && $0.isASCII })
        }
        guard parts.allSatisfy({ !$0.isEmpty }) else { return nil }
        return parts.joined(separator: ":")
    }

    private enum Content {
        case text(String)
        case missing
        case unreadable
    }

    private static func read(_ path: String) -> Content {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return errno == ENOENT ? .missing : .unreadable }
        defer { close(file) }
        // Beyond any line of these files.
        var buffer = [UInt8](repeating: 0, count: 4096)
        let count = Glibc.read(file, &buffer, buffer.count)
        guard count > 0 else { return count < 0 && errno == ESRCH ? .missing : .unreadable }
        return .text(String(decoding: buffer.prefix(count), as: UTF8.self))
    }

    private static func link(_ path: String) -> String? {
        var buffer = [CChar](repeating: 0, count: 256)
        let count = readlink(path, &buffer, buffer.count)
        guard count > 0 else { return nil }
        return String(decoding: buffer.prefix(count).map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}

/// What `/proc/PID/stat` says, as far as it is needed (proc(5)).
package struct ProcessStat: Sendable, Hashable {
    package let state: Character
    package let startTicks: UInt64

    /// A zombie or a process being torn down does nothing any more.
    package var hasEnded: Bool { state == "Z" || state == "X" || state == "x" }

    /// - Parameter text: the line; the command's name, second and in brackets, may hold brackets and spaces itself.
    package init?(_ text: String) {
        guard let bracket = text.lastIndex(of: ")") else { return nil }
        let fields = text[text.index(after: bracket)...].split(whereSeparator: { $0 == " " || $0 == "\n" })
        // State is the third field of the line, start time the twenty-second.
        guard fields.count >= 20, let state = fields[0].first, fields[0].count == 1, let ticks = UInt64(fields[19])
        else { return nil }
        self.state = state
        startTicks = ticks
    }
}
