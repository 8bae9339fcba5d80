// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeTestKit
import Testing

@testable import DataSource

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

@Suite("Data sources from files", .timeLimit(.minutes(1)))
struct FileSourceTests {
    private func withSource(
        limit: Int = 1000, _ body: @Sendable (FileSource, String, LogBook) async throws -> Void
    ) async throws {
        try await withTemporaryDirectory { directory in
            let path = directory + "/catalogue.json"
            let book = LogBook()
            try await body(FileSource(name: "catalogue", path: path, limit: limit, logger: book.logger), path, book)
        }
    }

    @Test("a changed file is served after the next look, an unchanged one is not read again")
    func change() async throws {
        try await withSource { source, path, book in
            try Files.write("{\"v\":1}", to: path, second: 1)
            await source.look()
            #expect(await source.outcome() == "{\"v\":1}")
            await source.look()
            try Files.write("{\"v\":2}", to: path, second: 2)
            #expect(await source.outcome() == "{\"v\":1}")
            await source.look()
            #expect(await source.outcome() == "{\"v\":2}")
            #expect(book.count("has a new document") == 2)
        }
    }

    @Test("a broken file never takes the good one's place, and is told of once")
    func broken() async throws {
        try await withSource { source, path, book in
            try Files.write("{\"v\":1}", to: path, second: 1)
            await source.look()
            try Files.write("{\"v\":", to: path, second: 2)
            // Perhaps it is being written: the first look says nothing.
            await source.look()
            #expect(book.count("did not take") == 0)
            for _ in 0..<3 { await source.look() }
            #expect(await source.outcome() == "{\"v\":1}")
            #expect(book.count("did not take") == 1)
            #expect(book.count("code=not-json") == 1)
            try Files.write("{\"v\":3}", to: path, second: 3)
            await source.look()
            #expect(await source.outcome() == "{\"v\":3}")
        }
    }

    @Test("a file that is broken from the start gives nothing, and says so at once")
    func brokenFirst() async throws {
        try await withSource { source, path, book in
            try Files.write("not json", to: path, second: 1)
            await source.look()
            #expect(await source.outcome() == "not-yet")
            #expect(book.count("code=not-json") == 1)
        }
    }

    @Test("a file that goes away is served on, told of once, and read again when it is back")
    func missing() async throws {
        try await withSource { source, path, book in
            await source.look()
            await source.look()
            #expect(await source.outcome() == "not-yet")
            #expect(book.count("code=missing") == 1)
            try Files.write("[1]", to: path, second: 1)
            await source.look()
            unlink(path)
            await source.look()
            await source.look()
            #expect(await source.outcome() == "[1]")
            #expect(book.count("code=missing") == 2)
            try Files.write("[2]", to: path, second: 1)
            await source.look()
            #expect(await source.outcome() == "[2]")
        }
    }

    @Test("a file that is too long or a directory is refused")
    func unfit() async throws {
        try await withSource(limit: 10) { source, path, book in
            try Files.write("[\"0123456789\"]", to: path, second: 1)
            await source.look()
            #expect(await source.outcome() == "not-yet")
            #expect(book.count("code=too-large") == 1)
            unlink(path)
            mkdir(path, 0o700)
            await source.look()
            #expect(book.count("code=unreadable") == 1)
        }
    }

    @Test("a file system that hangs is told of once, and again after it has answered")
    func hung() async throws {
        try await withSource { source, path, book in
            for _ in 0..<3 { source.noteHung() }
            #expect(book.count("does not answer") == 1)
            try Files.write("[1]", to: path, second: 1)
            await source.look()
            #expect(await source.outcome() == "[1]")
            source.noteHung()
            #expect(book.count("does not answer") == 2)
            #expect(await source.outcome() == "[1]")
        }
    }

    @Test("a fifo in the file's place holds nobody up")
    func fifo() async throws {
        try await withSource { source, path, book in
            mkfifo(path, 0o600)
            await source.look()
            #expect(await source.outcome() == "not-yet")
            #expect(book.count("code=unreadable") == 1)
        }
    }
}
