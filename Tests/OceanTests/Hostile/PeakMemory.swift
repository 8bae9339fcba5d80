// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeTestKit
import FoundationEssentials
import Glibc

/// Memory and time of this process as the kernel counts them (proc_pid_status(5), getrusage(2)).
enum PeakMemory {
    /// How many bytes of memory `body` needs at most beyond what is resident before it.
    ///
    /// Only in a process that does nothing else.
    static func growth(_ body: () -> Void) -> Int {
        // What was freed before would hide the growth.
        _ = mallocTrim(0)
        // Starts the count of the peak anew.
        try? "5".write(toFile: "/proc/self/clear_refs", atomically: false, encoding: .utf8)
        let before = field("VmRSS:")
        body()
        return field("VmHWM:") - before
    }

    /// Time of the processor that `body` takes, in seconds.
    static func cost(_ body: () -> Void) -> Double {
        var start = timespec()
        var end = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &start)
        body()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &end)
        return Double(end.tv_sec - start.tv_sec) + Double(end.tv_nsec - start.tv_nsec) / 1e9
    }

    private static func field(_ name: String) -> Int {
        let text = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
        let line = text.split(separator: "\n").first { $0.hasPrefix(name) } ?? ""
        return (line.split(whereSeparator: { $0 == " " || $0 == "\t" }).dropFirst().first.flatMap { Int($0) } ?? 0)
            * 1024
    }
}

/// malloc_trim(3), which the Glibc module leaves out.
@_silgen_name("malloc_trim")
private func mallocTrim(_ padding: Int) -> CInt
