// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeTestKit
import Foundation
import Testing

@testable import Spool

@Suite("Key files")
struct KeyFileTests {
    private func write(_ bytes: [UInt8], mode: Int = 0o600, in directory: String) throws -> String {
        let path = directory + "/" + UUID().uuidString
        _ = FileManager.default.createFile(
            atPath: path, contents: Data(bytes), attributes: [.posixPermissions: mode])
        try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: path)
        return path
    }

    private let bytes: [UInt8] = (0..<32).map { $0 * 7 + 200 }.map { UInt8($0 % 256) }

    @Test("raw, hexadecimal and base64 files hold the same key, with or without a line end")
    func forms() async throws {
        try await withTemporaryDirectory { directory in
            let hexadecimal = bytes.map { String(format: "%02x", $0) }.joined()
            let base64 = Data(bytes).base64EncodedString()
            let forms: [[UInt8]] = [
                bytes, Array(hexadecimal.utf8), Array((hexadecimal.uppercased() + "\n").utf8), Array(base64.utf8),
                Array((base64 + "\r\n").utf8),
            ]
            let ids = try forms.map { try SpoolKey(file: try write($0, in: directory)).id }
            #expect(Set(ids).count == 1)
            #expect(ids.first?.utf8.count == 16)
            #expect(!"\(try #require(SpoolKey(bytes: bytes)))".contains(hexadecimal))
        }
    }

    @Test(
        "a key file that others may read or change is refused with the remedy", arguments: [0o604, 0o644, 0o602, 0o620])
    func exposed(_ mode: Int) async throws {
        try await withTemporaryDirectory { directory in
            let path = try write(bytes, mode: mode, in: directory)
            let error = #expect(throws: SpoolKeyError.self) { try SpoolKey(file: path) }
            #expect(error?.code == .exposed)
            #expect(error?.message.contains("chmod 600 \(path)") == true)
        }
    }

    @Test("what is no key is refused with the command that makes one")
    func malformed() async throws {
        try await withTemporaryDirectory { directory in
            for content in [
                [], Array("secret".utf8), Array(bytes.dropLast()), bytes + [1],
                [UInt8](repeating: 0, count: 32), [UInt8](repeating: 0x30, count: 64),
            ] {
                let path = try write(content, in: directory)
                let error = #expect(throws: SpoolKeyError.self) { try SpoolKey(file: path) }
                #expect(error?.code == .malformed)
                #expect(error?.message.contains("openssl rand") == true)
            }
            let missing = #expect(throws: SpoolKeyError.self) { try SpoolKey(file: directory + "/none") }
            #expect(missing?.code == .unreadable)
            #expect(throws: SpoolKeyError.self) { try SpoolKey(file: directory) }
        }
    }
}
