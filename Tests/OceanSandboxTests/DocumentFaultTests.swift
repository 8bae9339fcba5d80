// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import JSON
import NIOHTTP1
import OceanSandbox
import Testing

@Suite("Faults with documents", .timeLimit(.minutes(15)))
struct DocumentFaultTests {
    private func letter(_ bench: Bench) async throws -> (path: String, bearer: [(String, String)]) {
        let reference = try await bench.ocean.send(.backPain, to: "new-1")
        return (
            "/svc/fhir/v1/ServiceRequest/\(reference)/$letter", [("Authorization", "Bearer \(try await bench.token())")]
        )
    }

    @Test("a redirect names the armed target")
    func redirect() async throws {
        try await Bench.run { bench in
            let (path, bearer) = try await letter(bench)
            // The bench's client follows it, and finds nobody there.
            bench.ocean.arm(documents: DocumentFault(.redirect, target: "http://127.0.0.1:9"))
            await #expect(throws: (any Error).self) { try await bench.call(.GET, path, headers: bearer) }
            #expect(try await bench.call(.GET, path, headers: bearer).status == 200)
        }
    }

    @Test("an error page, a half document, another kind and 404, each once")
    func kinds() async throws {
        try await Bench.run { bench in
            let (path, bearer) = try await letter(bench)
            let whole = try await bench.call(.GET, path, headers: bearer)
            func struck(_ kind: DocumentFault.Kind) async throws -> Bench.Answer {
                let plan: JSONValue = ["documents": ["kind": .string(kind.rawValue)]]
                #expect(try await bench.call(.PUT, "/sandbox/api/faults", body: plan.bytes()).status == 200)
                return try await bench.call(.GET, path, headers: bearer)
            }
            let page = try await struck(.errorPage)
            #expect(page.status == 200)
            #expect(page.headers.first(name: "Content-Type") == "application/pdf")
            #expect(String(decoding: page.body, as: UTF8.self).hasPrefix("<!DOCTYPE html>"))
            #expect(try await struck(.truncated).body.count == whole.body.count / 2)
            #expect(try await struck(.wrongContent).body.first == 1)
            #expect(try await struck(.notFound).status == 404)
            #expect(try await struck(.slow).body == whole.body)
            await #expect(throws: (any Error).self) { try await struck(.cutOff) }
            #expect(try await bench.call(.GET, path, headers: bearer).body == whole.body)
        }
    }

    @Test("a bundle may name another host for its documents")
    func foreignHost() async throws {
        try await Bench.run { bench in
            bench.ocean.arm(documents: DocumentFault(.foreignHost, target: "https://elsewhere.invalid"))
            try await bench.ocean.send(.attachments, to: "new-1")
            let documents = try await bench.next().resources.filter { $0["resourceType"] == "DocumentReference" }
            let urls = documents.compactMap { $0["content"]?[0]?["attachment"]?["url"]?.stringValue }
            #expect(urls.count == 3)
            #expect(urls.allSatisfy { $0.hasPrefix("https://elsewhere.invalid/svc/fhir/v1/") })
        }
    }

    @Test("scans are files of their kinds, up to 10 MB")
    func scans() async throws {
        try await Bench.run { bench in
            try await bench.ocean.send(.scans, to: "new-1")
            let bearer = [("Authorization", "Bearer \(try await bench.token())")]
            var sizes: [String: Int] = [:]
            for resource in try await bench.next().resources {
                guard let attachment = resource["content"]?[0]?["attachment"], let size = attachment["size"]?.intValue,
                    let url = attachment["url"]?.stringValue, let type = attachment["contentType"]?.stringValue
                else { continue }
                let answer = try await bench.call(.GET, String(url.dropFirst(bench.address.count)), headers: bearer)
                #expect(answer.body.count == size)
                sizes[type] = size
                let begins: [String: [UInt8]] = [
                    "application/pdf": Array("%PDF-1.4".utf8), "image/png": [0x89, 0x50, 0x4E, 0x47],
                    "image/tiff": [0x49, 0x49, 42, 0], "application/rtf": Array("{\\rtf1".utf8),
                ]
                #expect(answer.body.starts(with: begins[type] ?? [0]), "\(type)")
            }
            #expect(sizes.count == 4)
            #expect((sizes["application/pdf"] ?? 0) >= 10_000_000)
        }
    }
}
