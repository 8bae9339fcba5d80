// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import Glibc
import Testing

@Suite("The identity of a process")
struct ProcessIdentityTests {
    @Test(
        "state and start time are found behind any name a command may have",
        arguments: ["cat", "(a b) c", ") R 1 2", "a)b(c", "", "x y z) S 9"])
    func stat(_ name: String) throws {
        let rest = "1 1 0 -1 4194560 120 0 0 0 3 4 0 0 20 0 8 0 77665544 1000 200 18446744073709551615 1"
        let stat = try #require(ProcessStat("4711 (\(name)) S 1 \(rest)\n"))
        #expect(stat.state == "S")
        #expect(stat.startTicks == 77_665_544)
        #expect(!stat.hasEnded)
        #expect(ProcessStat("4711 (\(name)) Z 1 \(rest)")?.hasEnded == true)
    }

    @Test(
        "what is no such line says nothing",
        arguments: [
            "", "4711", "4711 (cat", "4711 (cat) S 1 2 3", "4711 (cat) SS 1 1 1 0 -1 4 1 0 0 0 3 4 0 0 20 0 8 0 x",
        ])
    func noStat(_ text: String) {
        #expect(ProcessStat(text) == nil)
    }

    @Test("a holder's name reads back, whatever follows it; other names do not")
    func names() throws {
        let current = try #require(ProcessIdentity.current)
        let holder = ProcessIdentity.holder(instance: "018f/odd#name")
        #expect(ProcessIdentity(holder: holder) == current)
        #expect(current.pid == getpid())
        for other in ["", "dead", "018f-7", "a/b#c", "a/0/1#c", "/1/1#c", "a/1/x#c", "a/1/2/3#c", "a/-5/1#c"] {
            #expect(ProcessIdentity(holder: other) == nil, "\(other)")
            #expect(!ProcessIdentity.isDead(holder: other), "\(other)")
        }
    }

    @Test("a running process is not dead; a zombie is, and so is one that is gone")
    func child() throws {
        let current = try #require(ProcessIdentity.current)
        var pid: pid_t = 0
        let path = "/bin/sleep"
        var arguments: [UnsafeMutablePointer<CChar>?] = [strdup(path), strdup("600"), nil]
        defer { for argument in arguments { free(argument) } }
        try #require(posix_spawn(&pid, path, nil, nil, &arguments, environ) == 0)
        let file = try #require(fopen("/proc/\(pid)/stat", "r"))
        var buffer = [CChar](repeating: 0, count: 1024)
        _ = fgets(&buffer, Int32(buffer.count), file)
        fclose(file)
        let line = String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        let ticks = try #require(ProcessStat(line)).startTicks
        let holder = "\(current.host)/\(pid)/\(ticks)#x"
        #expect(!ProcessIdentity.isDead(holder: holder))
        // The same process id, another start: given out again.
        #expect(ProcessIdentity.isDead(holder: "\(current.host)/\(pid)/\(ticks + 1)#x"))
        #expect(!ProcessIdentity.isDead(holder: ProcessIdentity.holder(instance: "x")))

        kill(pid, SIGKILL)
        var info = siginfo_t()
        #expect(waitid(P_PID, id_t(pid), &info, WEXITED | WNOWAIT) == 0)
        #expect(ProcessIdentity.isDead(holder: holder))
        var status: Int32 = 0
        #expect(waitpid(pid, &status, 0) == pid)
        #expect(ProcessIdentity.isDead(holder: holder))
        // On another machine, or before the last boot, nothing is certain.
        #expect(!ProcessIdentity.isDead(holder: "elsewhere/\(pid)/\(ticks)#x"))
    }
}
