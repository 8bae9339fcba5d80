// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

package import BridgeCore
import Crypto
import JSON

/// A JSON document as it is served: the source's bytes, unchanged.
package struct DataDocument: Sendable, Hashable {
    package let body: [UInt8]
    /// Strong, with its quotes: the SHA-256 of the bytes (RFC 9110 §8.8.3).
    package let entityTag: String
    /// When the bytes came from their source.
    package let loadedAt: Timestamp

    /// - Parameter limit: largest body in bytes.
    /// - Throws: `notJSON`, `tooLarge`; the text names the place in the document, never what stands there.
    package init(_ body: [UInt8], upTo limit: Int, loadedAt: Timestamp) throws(DataSourceError) {
        guard body.count <= limit else {
            throw DataSourceError(
                .tooLarge, "\(body.count) bytes; the source takes \(limit): send less, or raise maximumBytes")
        }
        do throws(JSONError) {
            _ = try JSONDocument(parsing: body)
        } catch {
            throw DataSourceError(.notJSON, "\(error)")
        }
        self.body = body
        self.loadedAt = loadedAt
        let digits = Array("0123456789abcdef".utf8)
        var tag: [UInt8] = [UInt8(ascii: "\"")]
        for byte in SHA256.hash(data: body) {
            tag.append(digits[Int(byte >> 4)])
            tag.append(digits[Int(byte & 15)])
        }
        tag.append(UInt8(ascii: "\""))
        entityTag = String(decoding: tag, as: UTF8.self)
    }

    /// As `init`; a long body is checked off the cooperative pool, which has deadlines to keep.
    static func checked(
        _ body: [UInt8], upTo limit: Int, loadedAt: Timestamp
    ) async throws(DataSourceError) -> DataDocument {
        guard body.count > 64 << 10, body.count <= limit else {
            return try DataDocument(body, upTo: limit, loadedAt: loadedAt)
        }
        return try await DataFile.work { () -> Result<DataDocument, DataSourceError> in
            do throws(DataSourceError) {
                return .success(try DataDocument(body, upTo: limit, loadedAt: loadedAt))
            } catch {
                return .failure(error)
            }
        }.get()
    }

    private init(body: [UInt8], entityTag: String, loadedAt: Timestamp) {
        self.body = body
        self.entityTag = entityTag
        self.loadedAt = loadedAt
    }

    /// The same bytes, come again.
    func reloaded(at time: Timestamp) -> DataDocument {
        DataDocument(body: body, entityTag: entityTag, loadedAt: time)
    }
}
