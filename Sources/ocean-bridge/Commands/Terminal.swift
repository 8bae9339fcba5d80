// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import FoundationEssentials

#if canImport(Glibc)
    import Glibc
#endif

/// Standard streams and exit codes (after sysexits.h).
enum Terminal {
    enum Exit: Int32 {
        case failed = 1
        case badData = 65
        case noInput = 66
        case unavailable = 69
        case settings = 78
    }

    /// Prints to standard error and gives the error that ends the command with `code`.
    static func fail(_ message: String, code: Exit) -> ExitCode {
        writeError(message)
        return ExitCode(code.rawValue)
    }

    static func writeError(_ line: String) {
        write(Array((line + "\n").utf8), to: 2)
    }

    static func writeLine(_ line: String) {
        write(Array((line + "\n").utf8), to: 1)
    }

    static func write(_ bytes: [UInt8], to descriptor: Int32) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let written = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if written > 0 {
                rest = rest.dropFirst(written)
            } else if errno != EINTR {
                // A reader that went away (`| head`) is no failure of ours.
                return
            }
        }
    }

    /// The bytes of a file, or of standard input for `-`.
    static func read(_ path: String) throws -> [UInt8] {
        if path == "-" {
            var output: [UInt8] = []
            var chunk = [UInt8](repeating: 0, count: 65_536)
            while true {
                let count = chunk.withUnsafeMutableBytes { Glibc.read(0, $0.baseAddress, $0.count) }
                if count > 0 {
                    output += chunk.prefix(count)
                } else if count == 0 {
                    return output
                } else if errno != EINTR {
                    throw fail("cannot read standard input", code: .noInput)
                }
            }
        }
        guard let data = FileManager.default.contents(atPath: path) else {
            throw fail("cannot read \(path)", code: .noInput)
        }
        return [UInt8](data)
    }
}
