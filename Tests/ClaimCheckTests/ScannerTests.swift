// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import BridgeTestKit
import ClaimCheck
import FoundationEssentials
import Testing

@Suite("The virus scanner's command", .timeLimit(.minutes(15)))
struct ScannerTests {
    /// `sh -c script` sees the file as `$0`.
    private func scanner(_ script: String, timeout: Duration = .seconds(20)) -> CommandScanner {
        CommandScanner(command: "/bin/sh", arguments: ["-c", script], timeout: timeout)
    }

    @Test("exit 0 is clean, 1 infected, anything else no verdict", arguments: [0, 1, 2, 77])
    func exits(code: Int) async {
        let verdict = await scanner("exit \(code)").scan("/tmp/file")
        switch code {
        case 0: #expect(verdict == .clean)
        case 1: #expect(verdict == .infected)
        default: #expect(verdict == .failed(reason: "the scanner ended with \(code)"))
        }
    }

    @Test("the file's path is one argument, whatever stands in it")
    func path() async throws {
        try await withTemporaryDirectory { directory in
            let path = directory + "/a b;exit 1 $(exit 1)"
            try Data([1]).write(to: URL(filePath: path))
            #expect(await scanner("test -f \"$0\"").scan(path) == .clean)
            #expect(await scanner("test -f \"$0\"").scan(path + "x") == .infected)
        }
    }

    @Test("it sees none of the bridge's environment, and no open files")
    func environment() async {
        let verdict = await scanner("test -z \"$HOME$USER$PWD_SECRET\" && test ! -e /proc/self/fd/9").scan("/tmp/file")
        #expect(verdict == .clean)
    }

    @Test("one that does not end is killed with what it started")
    func timeout() async throws {
        try await withTemporaryDirectory { directory in
            let mark = directory + "/mark"
            let verdict = await scanner("(sleep 30; touch \(mark)) & sleep 30", timeout: .milliseconds(200)).scan("/x")
            #expect(verdict == .failed(reason: "no verdict in time; see documents.scan.timeout"))
            #expect(!FileManager.default.fileExists(atPath: mark))
        }
    }

    @Test("one that dies of a signal, or is not there, gives no verdict")
    func broken() async {
        #expect(await scanner("kill -9 $$").scan("/x") == .failed(reason: "the scanner died of signal 9"))
        let missing = await CommandScanner(command: "/nonexistent/scan", arguments: [], timeout: .seconds(5)).scan("/x")
        guard case .failed(let reason) = missing else {
            Issue.record("a scanner that is not there came to a verdict: \(missing)")
            return
        }
        #expect(reason.contains("documents.scan.command"))
    }
}
