// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import BridgeTestKit
import Synchronization
import Testing

@testable import Workers

@Suite("Isolating a message that crashes the process", .timeLimit(.minutes(15)))
struct CrashGuardTests {
    static let queue = "ocean.inbound.0"

    private func crashGuard(_ book: MarkBook, limit: Int = 3) -> CrashGuard {
        CrashGuard(
            history: book, limit: limit, backoff: Backoff { attempt, _ in .seconds(attempt) }, clock: ManualClock(),
            logger: quiet)
    }

    private func delivery(_ id: String, redelivered: Bool) -> Delivery {
        Delivery(
            message: Inbound.message(id), queue: Self.queue, routingKey: "r", redelivered: redelivered,
            settle: { (_) async throws(BusError) in })
    }

    private func window(
        _ crashGuard: CrashGuard, _ id: String, suspect: Bool, stop: StopSignal = StopSignal()
    ) -> CrashWindow {
        crashGuard.window(for: delivery(id, redelivered: suspect), stage: "translator", stop: stop)
    }

    /// Until so many wait for a window.
    private func waiting(_ count: Int, _ crashGuard: CrashGuard) async {
        while crashGuard.waiting != count, !Task.isCancelled { await Task.yield() }
    }

    @Test("messages that come for the first time are in their windows together, and leave no mark")
    func together() async {
        let book = MarkBook()
        let crashGuard = crashGuard(book)
        let windows = ["a", "b", "c"].map { window(crashGuard, $0, suspect: false) }
        for window in windows { #expect(await window.open() == .entered) }
        for window in windows { await window.close() }
        #expect(book.marks.isEmpty)
    }

    @Test("a suspect waits for those inside, is alone, and those who come later wait behind it")
    func alone() async {
        let journal = Journal()
        let crashGuard = crashGuard(MarkBook(journal: journal))
        let first = window(crashGuard, "first", suspect: false)
        #expect(await first.open() == .entered)
        let suspect = window(crashGuard, "suspect", suspect: true)
        let entering = Task { await suspect.open() }
        await waiting(1, crashGuard)
        let later = window(crashGuard, "later", suspect: false)
        let following = Task {
            let entry = await later.open()
            journal.write("later inside")
            return entry
        }
        await waiting(2, crashGuard)
        #expect(journal.lines.isEmpty)
        await first.close()
        #expect(await entering.value == .entered)
        #expect(journal.lines == ["begin translator|\(Self.queue)|suspect"])
        #expect(crashGuard.waiting == 1)
        await suspect.close()
        await suspect.close()
        #expect(await following.value == .entered)
        #expect(
            journal.lines == [
                "begin translator|\(Self.queue)|suspect", "end translator|\(Self.queue)|suspect", "later inside",
            ])
        await later.close()
    }

    @Test("a cancelled wait ends, and frees the place for those behind")
    func cancellation() async {
        let book = MarkBook()
        let crashGuard = crashGuard(book)
        let first = window(crashGuard, "first", suspect: false)
        #expect(await first.open() == .entered)
        let suspect = window(crashGuard, "suspect", suspect: true)
        let entering = Task { await suspect.open() }
        await waiting(1, crashGuard)
        let behind = window(crashGuard, "behind", suspect: false)
        let following = Task { await behind.open() }
        await waiting(2, crashGuard)
        entering.cancel()
        #expect(await entering.value == .stopped)
        #expect(await following.value == .entered)
        await suspect.close()
        await first.close()
        await behind.close()
        let next = window(crashGuard, "next", suspect: true)
        #expect(await next.open() == .entered)
        await next.close()
        #expect(book.marks.isEmpty)
    }

    @Test("random windows: a suspect is never inside with another", arguments: 0..<10 as Range<UInt64>)
    func random(_ seed: UInt64) async {
        let crashGuard = crashGuard(MarkBook())
        let inside = Inside()
        await withTaskGroup(of: Void.self) { group in
            var generator = SeededGenerator(seed: seed)
            for number in 0..<200 {
                let isSuspect = Int.random(in: 0..<4, using: &generator) == 0
                let yields = Int.random(in: 0..<6, using: &generator)
                let isCancelled = Int.random(in: 0..<8, using: &generator) == 0
                let window = window(crashGuard, "\(number)", suspect: isSuspect)
                group.addTask {
                    let task = Task {
                        guard await window.open() == .entered else { return }
                        inside.enter(alone: isSuspect)
                        for _ in 0..<yields { await Task.yield() }
                        inside.leave(alone: isSuspect)
                        await window.close()
                    }
                    if isCancelled { task.cancel() }
                    await task.value
                }
            }
        }
        #expect(inside.faults == 0)
        #expect(inside.turns > 100)
        #expect(crashGuard.waiting == 0)
    }

    /// Who is inside a window now.
    private final class Inside: Sendable {
        private let counts = Mutex((together: 0, alone: 0, faults: 0, turns: 0))

        var faults: Int { counts.withLock { $0.faults } }
        var turns: Int { counts.withLock { $0.turns } }

        func enter(alone: Bool) {
            counts.withLock { counts in
                if alone { counts.alone += 1 } else { counts.together += 1 }
                if counts.alone > 1 || (counts.alone > 0 && counts.together > 0) { counts.faults += 1 }
                counts.turns += 1
            }
        }

        func leave(alone: Bool) {
            counts.withLock { counts in
                if alone { counts.alone -= 1 } else { counts.together -= 1 }
            }
        }
    }

    @Test("a message over which the process died so often is poison at the next turn; one that survived is not")
    func poison() async {
        let book = MarkBook()
        for _ in 1...3 {
            // Each start of the process has a guard of its own; this one dies inside the window.
            #expect(await window(crashGuard(book), "bad", suspect: true).open() == .entered)
            let good = window(crashGuard(book), "good", suspect: true)
            #expect(await good.open() == .entered)
            await good.close()
        }
        let crashGuard = crashGuard(book)
        let bad = window(crashGuard, "bad", suspect: true)
        #expect(await bad.open() == .poison(crashes: 3))
        // Nobody is kept out by it.
        let good = window(crashGuard, "good", suspect: true)
        #expect(await good.open() == .entered)
        await good.close()
        await bad.settled()
        #expect(book.marks.isEmpty)
    }

    @Test("each part of the work is counted by itself: that the first is survived does not clear the second")
    func parts() async {
        let book = MarkBook()
        var entries: [CrashWindow.Entry] = []
        for _ in 1...4 {
            let window = window(crashGuard(book), "bad", suspect: true)
            #expect(await window.open() == .entered)
            await window.close()
            entries.append(await window.open("write"))
        }
        #expect(entries == [.entered, .entered, .entered, .poison(crashes: 3)])
    }

    @Test("without its mark no suspect is tried: it waits for the store, and keeps nobody out meanwhile")
    func storeDown() async {
        let journal = Journal()
        let book = MarkBook(journal: journal) { step, number in
            step == "begin" && number <= 3 ? StoreError(.unavailable, "down") : nil
        }
        let crashGuard = crashGuard(book)
        let timer = ManualTimer()
        let suspect = window(crashGuard, "suspect", suspect: true, stop: StopSignal(sleep: timer.sleep))
        let entering = Task { await suspect.open() }
        await journal.wait(for: "begin failed")
        let other = window(crashGuard, "other", suspect: false)
        #expect(await other.open() == .entered)
        await other.close()
        await timer.fire { journal.lines.contains("begin translator|\(Self.queue)|suspect") }
        #expect(await entering.value == .entered)
        #expect(journal.lines.filter { $0 == "begin failed" }.count == 3)
        await suspect.close()
        #expect(book.marks.isEmpty)
    }

    @Test("the stop signal ends the wait for the store; the message is left unsettled")
    func stopped() async {
        let journal = Journal()
        let crashGuard = crashGuard(
            MarkBook(journal: journal) { _, _ in StoreError(.unavailable, "down") })
        let stop = StopSignal(sleep: { _ in try await Task.sleep(for: .seconds(60)) })
        let suspect = window(crashGuard, "suspect", suspect: true, stop: stop)
        let entering = Task { await suspect.open() }
        await journal.wait(for: "begin failed")
        stop.trigger()
        #expect(await entering.value == .stopped)
    }

    @Test("a mark that cannot be taken off is tried again, while others go in")
    func endFails() async {
        let journal = Journal()
        let book = MarkBook(journal: journal) { step, number in
            step == "end" && number == 2 ? StoreError(.unavailable, "down") : nil
        }
        let crashGuard = crashGuard(book)
        let timer = ManualTimer()
        let suspect = window(crashGuard, "suspect", suspect: true, stop: StopSignal(sleep: timer.sleep))
        #expect(await suspect.open() == .entered)
        let closing = Task { await suspect.close() }
        await journal.wait(for: "end failed")
        let other = window(crashGuard, "other", suspect: true)
        #expect(await other.open() == .entered)
        await other.close()
        await timer.fire { journal.lines.contains("end translator|\(Self.queue)|suspect") }
        await closing.value
        #expect(book.marks.isEmpty)
    }
}
