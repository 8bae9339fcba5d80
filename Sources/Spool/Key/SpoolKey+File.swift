// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

extension SpoolKey {
    /// Reads a key file: 32 raw bytes, or 64 hexadecimal digits, or base64 of 32 bytes. Blocks: call it at start.
    ///
    /// - Throws: `unreadable`, `exposed` when others may read or write the file, `malformed`.
    package init(file path: String) throws(SpoolKeyError) {
        let bytes = try Self.contents(of: path)
        let key =
            SpoolKey(bytes: bytes)
            ?? Self.text(bytes).flatMap { Self.hexadecimal($0) ?? Self.base64($0) }.flatMap { SpoolKey(bytes: $0) }
        guard let key else {
            throw SpoolKeyError(
                code: .malformed,
                message: "\(path) must hold 32 random bytes, raw, in base64 or in hexadecimal. Make one with: "
                    + "umask 077; openssl rand -base64 32 > \(path)")
        }
        self = key
    }

    private static func contents(of path: String) throws(SpoolKeyError) -> [UInt8] {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            throw SpoolKeyError(
                code: .unreadable, message: "cannot read the key file \(path) (errno \(errno)): check path and owner")
        }
        defer { close(descriptor) }
        // Asked of the open file, so that the file that is judged is the file that is read.
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            throw SpoolKeyError(code: .unreadable, message: "\(path) is not a plain file")
        }
        guard status.st_mode & 0o007 == 0, status.st_mode & 0o020 == 0 else {
            throw SpoolKeyError(
                code: .exposed,
                message: "the key file \(path) can be read or changed by others: chmod 600 \(path)")
        }
        var buffer = [UInt8](repeating: 0, count: 4096)
        var output: [UInt8] = []
        while output.count <= 4096 {
            let count = read(descriptor, &buffer, buffer.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else {
                throw SpoolKeyError(code: .unreadable, message: "cannot read the key file \(path) (errno \(errno))")
            }
            if count == 0 { break }
            output.append(contentsOf: buffer[..<count])
        }
        return output
    }

    private static func text(_ bytes: [UInt8]) -> String? {
        var text = Substring(decoding: bytes, as: UTF8.self)
        while let last = text.last, last.isWhitespace { text.removeLast() }
        return text.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F } ? String(text) : nil
    }

    private static func base64(_ text: String) -> [UInt8]? {
        Data(base64Encoded: text).map { Array($0) }
    }

    private static func hexadecimal(_ text: String) -> [UInt8]? {
        let digits = text.utf8.compactMap { Character(UnicodeScalar($0)).hexDigitValue }
        guard digits.count == text.utf8.count, digits.count == 2 * byteCount else { return nil }
        return stride(from: 0, to: digits.count, by: 2).map { UInt8(digits[$0] << 4 | digits[$0 + 1]) }
    }
}
