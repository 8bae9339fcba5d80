// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import Yams

/// The scalars of a settings file by path, each with its place, checked against the declarations.
struct SettingsDocument: Sendable {
    struct Scalar: Sendable, Hashable {
        let text: String
        let place: String
    }

    private(set) var scalars: [[String]: Scalar] = [:]
    private(set) var problems: [SettingsError.Problem] = []

    init() {}

    /// - Parameters:
    ///   - yaml: the text of the file.
    ///   - file: its name, for places.
    init(yaml: String, file: String, declarations: [SettingDeclaration]) {
        do {
            guard let root = try Yams.compose(yaml: yaml) else { return }
            let tree = DeclarationTree(declarations)
            walk(root, path: [], tree: tree, file: file)
        } catch let error as YamlError {
            problems.append(Self.problem(error, file: file))
        } catch {
            problems.append(.init(place: file, message: "is not readable as YAML"))
        }
    }

    private mutating func walk(_ node: Node, path: [String], tree: DeclarationTree, file: String) {
        let place = "\(file):\(node.mark.map { "\($0.line):\($0.column)" } ?? "1:1")"
        switch node {
        case .alias:
            problems.append(.init(place: place, message: "YAML aliases are not allowed in settings"))
        case .sequence(let sequence):
            guard case .words = tree.declaration?.kind else {
                problems.append(.init(place: place, message: "a list is not allowed here"))
                return
            }
            let words = sequence.compactMap { $0.scalar?.string }
            guard words.count == sequence.count, words.allSatisfy({ !$0.contains(",") }) else {
                problems.append(.init(place: place, message: "\(Self.name(path)) must be a list of plain words"))
                return
            }
            scalars[path] = Scalar(text: words.joined(separator: ","), place: place)
        case .scalar(let scalar):
            guard tree.isLeaf else {
                // `sites:` with nothing below it is an empty section.
                if scalar.string.isEmpty || scalar.string == "null" || scalar.string == "~" { return }
                problems.append(.init(place: place, message: "\(Self.name(path)) is a section, not a value"))
                return
            }
            scalars[path] = Scalar(text: scalar.string, place: place)
        case .mapping(let mapping):
            guard !tree.isLeaf || path.isEmpty else {
                problems.append(.init(place: place, message: "\(Self.name(path)) is a value, not a section"))
                return
            }
            var seen: Set<String> = []
            for (key, value) in mapping {
                let keyPlace = "\(file):\(key.mark.map { "\($0.line):\($0.column)" } ?? "1:1")"
                guard case .scalar(let scalar) = key else {
                    problems.append(.init(place: keyPlace, message: "a key must be a plain word"))
                    continue
                }
                let name = scalar.string
                guard seen.insert(name).inserted else {
                    problems.append(.init(place: keyPlace, message: "\(Self.name(path + [name])) stands here twice"))
                    continue
                }
                guard let child = tree.child(name) else {
                    problems.append(.init(place: keyPlace, message: tree.unknown(name, under: path)))
                    continue
                }
                walk(value, path: path + [name], tree: child, file: file)
            }
        }
    }

    private static func name(_ path: [String]) -> String { path.isEmpty ? "the file" : path.joined(separator: ".") }

    private static func problem(_ error: YamlError, file: String) -> SettingsError.Problem {
        switch error {
        case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
            .composer(_, let problem, let mark, _):
            .init(place: "\(file):\(mark.line):\(mark.column)", message: "not YAML: \(problem)")
        case .duplicatedKeysInMapping(let duplicates, _):
            .init(
                place: file,
                message:
                    "keys stand twice in one section: \(duplicates.sorted().joined(separator: ", "))"
            )
        default:
            .init(place: file, message: "is not readable as YAML")
        }
    }
}

/// The declared names as a tree, to check a file from the root down.
struct DeclarationTree {
    private var children: [String: DeclarationTree] = [:]
    private(set) var declaration: SettingDeclaration?

    init(_ declarations: [SettingDeclaration]) {
        for declaration in declarations {
            add(declaration, path: declaration.path[...])
            if declaration.kind == .secret, var last = declaration.path.last {
                last += "File"
                add(declaration, path: (declaration.path.dropLast() + [last])[...])
            }
        }
    }

    private mutating func add(_ declaration: SettingDeclaration, path: ArraySlice<String>) {
        guard let first = path.first else {
            self.declaration = declaration
            return
        }
        children[first, default: DeclarationTree([])].add(declaration, path: path.dropFirst())
    }

    var isLeaf: Bool { children.isEmpty }

    func child(_ name: String) -> DeclarationTree? { children[name] ?? children["*"] }

    func unknown(_ name: String, under path: [String]) -> String {
        let full = (path + [name]).joined(separator: ".")
        let near = children.keys.filter { $0 != "*" }
            .map { ($0, editDistance(name.lowercased(), $0.lowercased())) }
            .filter { $0.1 <= 3 }
            .min { ($0.1, $0.0) < ($1.1, $1.0) }
        if let near {
            return "unknown setting \(full); did you mean \((path + [near.0]).joined(separator: "."))?"
        }
        return "unknown setting \(full); known here: \(children.keys.sorted().joined(separator: ", "))"
    }
}

/// Levenshtein distance, bounded by the short names that it is used for.
func editDistance(_ left: String, _ right: String) -> Int {
    let a = Array(left.utf8.prefix(64))
    let b = Array(right.utf8.prefix(64))
    var row = Array(0...b.count)
    for i in 0..<a.count {
        var diagonal = row[0]
        row[0] = i + 1
        for j in 0..<b.count {
            let previous = row[j + 1]
            row[j + 1] = min(row[j + 1] + 1, row[j] + 1, diagonal + (a[i] == b[j] ? 0 : 1))
            diagonal = previous
        }
    }
    return row[b.count]
}
