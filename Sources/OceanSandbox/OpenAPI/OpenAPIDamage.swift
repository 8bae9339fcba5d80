// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import JSON
import Ocean

/// What an armed fault makes of an answer of the Open eReferral API.
enum OpenAPIDamage {
    static func applied(_ fault: OpenAPIFault, to answer: SandboxAnswer) -> SandboxAnswer {
        var output = answer
        switch fault.kind {
        case .brokenBody: output.body.removeLast(answer.body.count - answer.body.count / 2)
        case .errorPage:
            output.contentType = "text/html"
            output.body = Array("<!DOCTYPE html>\n<html><body><h1>Sign in</h1></body></html>\n".utf8)
        case .redirect:
            output = SandboxAnswer(302, contentType: "text/plain", body: [])
            output.headers.append(("Location", fault.target + "/elsewhere"))
        case .wrongKey, .truncatedCiphertext, .badPadding:
            guard let json = try? JSONValue(parsing: answer.body) else { return answer }
            output.body = damaged(json, fault.kind).bytes()
        }
        return output
    }

    /// The members that hold ciphertext, or the ciphertext itself.
    private static func damaged(_ json: JSONValue, _ kind: OpenAPIFault.Kind) -> JSONValue {
        if let text = json.stringValue, let bytes = EncryptedBody.ciphertext(Array(text.utf8)) {
            return .string(EncryptedBody.base64(of: struck(bytes, kind)))
        }
        var output = json
        let names =
            kind == .wrongKey && json["oneTimeKeyEncryptedWithSiteSEK"] != nil
            ? ["oneTimeKeyEncryptedWithSiteSEK"] : ["encryptedPtData", "encryptedData"]
        for name in names {
            guard let data = json[name]?["data"]?.stringValue,
                let bytes = EncryptedBody.ciphertext(Array(data.utf8))
            else { continue }
            let text = EncryptedBody.base64(of: struck(bytes, kind))
            output[name] = ["data": .string(text), "iv": json[name]?["iv"] ?? .null]
        }
        return output
    }

    private static func struck(_ ciphertext: [UInt8], _ kind: OpenAPIFault.Kind) -> [UInt8] {
        var bytes = ciphertext
        switch kind {
        case .truncatedCiphertext: bytes.removeLast(min(5, bytes.count))
        case .badPadding where bytes.count >= 32: bytes = badlyPadded(bytes)
        // One block in 256 under another key has a padding by chance: the end is made sure not to have one.
        case .wrongKey where bytes.count >= 32: bytes = foreign(bytes.count - 32) + badlyPadded(bytes).suffix(32)
        case .badPadding, .wrongKey: bytes = foreign(bytes.count)
        case .brokenBody, .errorPage, .redirect: break
        }
        return bytes
    }

    /// In the block before the last one bit changes exactly one bit of the padding: its length is then beyond a block.
    private static func badlyPadded(_ ciphertext: [UInt8]) -> [UInt8] {
        var bytes = ciphertext
        bytes[bytes.count - 17] ^= 0x80
        return bytes
    }

    /// Ciphertext of that length under another key.
    private static func foreign(_ count: Int) -> [UInt8] {
        guard count > 0 else { return [] }
        let plaintext = [UInt8](repeating: 0x41, count: max(0, count - 1))
        let block = try? OneTimeKey.random().encrypt(plaintext)
        return block.flatMap { EncryptedBody.ciphertext(Array($0.data.utf8)) } ?? []
    }
}
