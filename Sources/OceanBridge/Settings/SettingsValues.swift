// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import FoundationEssentials

/// The effective scalars: file, overridden by the environment, secrets filled in from files, then defaults.
package struct SettingsValues: Sendable {
    package enum Origin: Sendable, Hashable {
        case file(place: String)
        case environment(variable: String)
        case secretFile(path: String)
        case standard

        var place: String {
            switch self {
            case .file(let place): place
            case .environment(let variable): "environment variable \(variable)"
            case .secretFile(let path): path
            case .standard: "default"
            }
        }
    }

    package struct Value: Sendable {
        package let text: String
        package let origin: Origin
        package let isSecret: Bool
    }

    private(set) var values: [[String]: Value] = [:]
    package private(set) var problems: [SettingsError.Problem] = []

    static let prefix = "OCEAN_BRIDGE_"

    /// - Parameters:
    ///   - yaml: the file's text and name; nil to run on defaults and environment alone.
    ///   - readFile: reads a secret's file; given so that tests need no file system.
    package init(
        yaml: (text: String, file: String)?, environment: [String: String],
        readFile: (String) -> String? = SettingsValues.contents(ofFile:)
    ) {
        let declarations = SettingDeclaration.all
        let document = yaml.map { SettingsDocument(yaml: $0.text, file: $0.file, declarations: declarations) }
        problems = document?.problems ?? []
        var scalars = (document?.scalars ?? [:]).mapValues { ($0.text, Origin.file(place: $0.place)) }
        overlay(environment, on: &scalars, declarations)
        for declaration in declarations {
            for path in Self.instances(of: declaration, in: scalars) {
                resolve(declaration, path, scalars, readFile)
            }
        }
        let directory = values[["secretsDirectory"]]?.text
        if let directory { fillSecrets(from: directory, declarations, readFile) }
        check(declarations)
    }

    /// Reads a whole file as text; nil when that is not possible.
    package static func contents(ofFile path: String) -> String? {
        guard let data = try? Data(contentsOf: URL(fileURLWithPath: path)), data.count <= 1 << 20 else { return nil }
        return String(decoding: data, as: UTF8.self)
    }

    package subscript(_ path: [String]) -> Value? { values[path] }

    /// The keys that the user chose under a section, as `sites`.
    package func keys(under section: String) -> [String] { keys(below: [section]) }

    /// The same for a section inside others, as `cds`, `services`.
    package func keys(below path: [String]) -> [String] {
        Set(values.keys.compactMap { $0.count > path.count && $0.starts(with: path) ? $0[path.count] : nil }).sorted()
    }

    /// All values by name, secrets masked; for `config print`.
    package var printed: [(name: String, text: String, origin: String)] {
        values.map { path, value in
            (path.joined(separator: "."), value.isSecret ? Self.mask(value.text) : value.text, value.origin.place)
        }.sorted { $0.0 < $1.0 }
    }

    /// A broker address keeps host and virtual host; everything else secret is stars.
    private static func mask(_ text: String) -> String {
        if text == "embedded" { return text }
        guard let colon = text.firstIndex(of: ":"), text[colon...].hasPrefix("://"),
            let at = text.lastIndex(of: "@")
        else { return "********" }
        return text[...colon] + "//********" + text[at...]
    }

    private mutating func overlay(
        _ environment: [String: String], on scalars: inout [[String]: (String, Origin)],
        _ declarations: [SettingDeclaration]
    ) {
        for (variable, text) in environment.sorted(by: { $0.key < $1.key }) where variable.hasPrefix(Self.prefix) {
            let words = String(variable.dropFirst(Self.prefix.count))
            if words == "CONFIG" || words.hasPrefix("TEST_") || words.hasPrefix("UPDATE_") { continue }
            // Read by the failpoints of a debug build; a release build has none and says so.
            if words == "FAILPOINTS", Failpoint.areCompiled { continue }
            guard let path = Self.path(forVariable: words, declarations, known: scalars) else {
                problems.append(.init(place: "environment variable \(variable)", message: "no such setting"))
                continue
            }
            scalars[path] = (text, .environment(variable: variable))
        }
    }

    /// `SITES_1234_OAUTH_CLIENT_SECRET_FILE` → `sites.1234.oauth.clientSecretFile`.
    static func path(
        forVariable words: String, _ declarations: [SettingDeclaration], known: [[String]: (String, Origin)]
    ) -> [String]? {
        let tokens = words.split(separator: "_", omittingEmptySubsequences: false).map { $0.lowercased() }
        for declaration in declarations {
            var candidates = [declaration.path]
            if declaration.kind == .secret, let last = declaration.path.last {
                candidates.append(declaration.path.dropLast() + [last + "File"])
            }
            for candidate in candidates {
                if let path = match(candidate[...], tokens[...], under: [], known: known) { return path }
            }
        }
        return nil
    }

    private static func match(
        _ path: ArraySlice<String>, _ tokens: ArraySlice<String>, under section: [String],
        known: [[String]: (String, Origin)]
    ) -> [String]? {
        guard let first = path.first else { return tokens.isEmpty ? [] : nil }
        if first == "*" {
            // A chosen key may itself hold several words: try the shortest first.
            guard !tokens.isEmpty else { return nil }
            for length in 1...tokens.count {
                let words = tokens.prefix(length)
                let flat = words.joined(separator: "")
                let existing = known.keys.first {
                    $0.count > section.count && $0.starts(with: section) && squash($0[section.count]) == flat
                }
                let key = existing?[section.count] ?? words.joined(separator: "-")
                guard
                    let rest = match(
                        path.dropFirst(), tokens.dropFirst(length), under: section + [key], known: known)
                else { continue }
                return [key] + rest
            }
            return nil
        }
        let parts = snake(first)
        guard tokens.count >= parts.count, Array(tokens.prefix(parts.count)) == parts,
            let rest = match(path.dropFirst(), tokens.dropFirst(parts.count), under: section + [first], known: known)
        else { return nil }
        return [first] + rest
    }

    /// `clientSecret` → `client`, `secret`.
    static func snake(_ name: String) -> [String] {
        var parts: [String] = [""]
        for character in name {
            if character.isUppercase { parts.append("") }
            parts[parts.count - 1].append(contentsOf: character.lowercased())
        }
        return parts.filter { !$0.isEmpty }
    }

    private static func squash(_ key: String) -> String {
        String(key.lowercased().filter { $0.isLetter || $0.isNumber })
    }

    private static func instances(
        of declaration: SettingDeclaration, in scalars: [[String]: (String, Origin)]
    ) -> [[String]] {
        guard let star = declaration.path.firstIndex(of: "*") else { return [declaration.path] }
        let section = declaration.path[..<star]
        let keys = Set(scalars.keys.compactMap { $0.count > star && $0.starts(with: section) ? $0[star] : nil })
        return keys.sorted().map { key in
            var path = declaration.path
            path[star] = key
            return path
        }
    }

    private mutating func resolve(
        _ declaration: SettingDeclaration, _ path: [String], _ scalars: [[String]: (String, Origin)],
        _ readFile: (String) -> String?
    ) {
        let isSecret = declaration.kind == .secret
        if isSecret, let last = path.last, let (file, origin) = scalars[path.dropLast() + [last + "File"]] {
            if scalars[path] != nil {
                problems.append(
                    .init(
                        place: origin.place, message: "both \(last) and \(last)File are set; keep one"))
            }
            guard let text = readFile(file) else {
                problems.append(.init(place: origin.place, message: "cannot read the file \(file)"))
                return
            }
            values[path] = Value(
                text: Self.trimLineEnd(text), origin: .secretFile(path: file), isSecret: true)
        } else if let (text, origin) = scalars[path] {
            values[path] = Value(text: text, origin: origin, isSecret: isSecret)
        } else if let text = declaration.defaultText {
            values[path] = Value(text: text, origin: .standard, isSecret: isSecret)
        }
    }

    private mutating func fillSecrets(
        from directory: String, _ declarations: [SettingDeclaration], _ readFile: (String) -> String?
    ) {
        for declaration in declarations where declaration.kind == .secret {
            var paths = [declaration.path]
            if let star = declaration.path.firstIndex(of: "*") {
                paths = keys(below: Array(declaration.path[..<star])).map { key in
                    var path = declaration.path
                    path[star] = key
                    return path
                }
            }
            for path in paths where values[path] == nil || values[path]?.origin == .standard {
                let file = directory + "/" + path.joined(separator: ".")
                guard let text = readFile(file) else { continue }
                values[path] = Value(text: Self.trimLineEnd(text), origin: .secretFile(path: file), isSecret: true)
            }
        }
    }

    /// Editors end files with a line break that is no part of the secret.
    private static func trimLineEnd(_ text: String) -> String {
        var text = Substring(text)
        while let last = text.unicodeScalars.last, last == "\n" || last == "\r" { text.unicodeScalars.removeLast() }
        return String(text)
    }

    private mutating func check(_ declarations: [SettingDeclaration]) {
        for declaration in declarations {
            for (path, value) in values where Self.isInstance(path, of: declaration) {
                if let message = declaration.kind.problem(with: value.text) {
                    problems.append(
                        .init(
                            place: value.origin.place, message: "\(path.joined(separator: ".")) \(message)"))
                }
            }
        }
    }

    private static func isInstance(_ path: [String], of declaration: SettingDeclaration) -> Bool {
        path.count == declaration.path.count && zip(path, declaration.path).allSatisfy { $0 == $1 || $1 == "*" }
    }
}

extension SettingDeclaration.Kind {
    /// What is wrong with a value of this kind, or nil.
    func problem(with text: String) -> String? {
        switch self {
        case .text, .secret:
            return text.isEmpty ? "must not be empty" : nil
        case .integer(let range):
            guard let value = Int(text), range.contains(value) else {
                return "must be a whole number from \(range.lowerBound) to \(range.upperBound)"
            }
            return nil
        case .flag:
            return text == "true" || text == "false" ? nil : "must be true or false"
        case .choice(let words):
            return words.contains(text) ? nil : "must be one of \(words.joined(separator: ", "))"
        case .words(let known):
            let words = SettingsValues.words(text)
            if words.isEmpty { return "must name something; leave it out otherwise" }
            guard let wrong = words.first(where: { !known.contains($0) }) else { return nil }
            let near = known.min {
                editDistance($0.lowercased(), wrong.lowercased()) < editDistance($1.lowercased(), wrong.lowercased())
            }
            return "knows no \(wrong); did you mean \(near ?? "")? Known: \(known.joined(separator: ", "))"
        case .duration:
            return SettingsValues.duration(text) == nil ? "must be a duration such as 250ms, 30s, 5m, 2h or 7d" : nil
        }
    }
}

extension SettingsValues {
    /// The words of a comma-separated list.
    static func words(_ text: String) -> [String] {
        text.split(separator: ",").map { String($0.filter { $0 != " " }) }.filter { !$0.isEmpty }
    }

    /// Reads `250ms`, `30s`, `5m`, `2h`, `7d`.
    static func duration(_ text: String) -> Duration? {
        let digits = text.prefix { $0.isASCII && $0.isNumber }
        guard let value = Int64(digits), value >= 0, value < 1_000_000_000 else { return nil }
        switch text.dropFirst(digits.count) {
        case "ms": return .milliseconds(value)
        case "s": return .seconds(value)
        case "m": return .seconds(value * 60)
        case "h": return .seconds(value * 3600)
        case "d": return .seconds(value * 86_400)
        default: return nil
        }
    }
}
