// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import Glibc

/// One fuzz target under libFuzzer's driver, which reads its own arguments (https://llvm.org/docs/LibFuzzer.html).
@main
enum Fuzzer {
    /// The target of this process: `FUZZ_TARGET` in its environment.
    static let target: FuzzTarget = {
        let name = ProcessInfo.processInfo.environment["FUZZ_TARGET"] ?? ""
        guard let target = FuzzTarget(rawValue: name) else {
            let names = FuzzTarget.allCases.map(\.rawValue).joined(separator: ", ")
            preconditionFailure("set FUZZ_TARGET to one of \(names)")
        }
        return target
    }()

    static func main() {
        var count = CommandLine.argc
        var arguments = CommandLine.unsafeArgv
        exit(
            runDriver(&count, &arguments) { start, count in
                let flaws = Fuzzer.target.flaws(in: Array(UnsafeBufferPointer(start: start, count: count)))
                // A trap is how libFuzzer learns of a finding; an optimised build would leave out its text.
                if !flaws.isEmpty {
                    print("FLAWS:", flaws)
                    fflush(nil)
                    preconditionFailure()
                }
                return 0
            })
    }
}

/// libFuzzer as a library, because SwiftPM brings a `main` of its own.
@_silgen_name("LLVMFuzzerRunDriver")
private func runDriver(
    _ count: UnsafeMutablePointer<CInt>,
    _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>>,
    _ run: @convention(c) (UnsafePointer<UInt8>?, Int) -> CInt
) -> CInt
