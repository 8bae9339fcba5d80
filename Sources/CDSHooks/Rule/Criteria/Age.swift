// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore

/// Completed months of life; a range where the birth date has no day or month.
enum Age {
    private struct Day {
        var year: Int
        var month: Int
        var day: Int
    }

    /// - Returns: nil when there is no readable birth date, or it is not in the past.
    static func months(birthDate: String?, now: Timestamp) -> ClosedRange<Int>? {
        guard let birthDate, let today = parts(String(now.description.prefix(10))), today.count == 3,
            let born = parts(String(birthDate.prefix(10)))
        else { return nil }
        let at = Day(year: today[0], month: today[1], day: today[2])
        let first = Day(year: born[0], month: born.count > 1 ? born[1] : 1, day: born.count > 2 ? born[2] : 1)
        let last = Day(year: born[0], month: born.count > 1 ? born[1] : 12, day: born.count > 2 ? born[2] : 31)
        let most = completed(from: first, to: at)
        guard most >= 0 else { return nil }
        return max(0, completed(from: last, to: at))...most
    }

    private static func completed(from born: Day, to today: Day) -> Int {
        (today.year - born.year) * 12 + today.month - born.month - (today.day < born.day ? 1 : 0)
    }

    /// `YYYY`, `YYYY-MM` or `YYYY-MM-DD`.
    private static func parts(_ text: String) -> [Int]? {
        let words = text.split(separator: "-", omittingEmptySubsequences: false)
        let widths = [4, 2, 2]
        guard (1...3).contains(words.count) else { return nil }
        var numbers: [Int] = []
        for (word, width) in zip(words, widths) {
            guard word.utf8.count == width, word.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let number = Int(word)
            else { return nil }
            numbers.append(number)
        }
        guard numbers.count < 2 || (1...12).contains(numbers[1]), numbers.count < 3 || (1...31).contains(numbers[2])
        else { return nil }
        return numbers
    }
}
