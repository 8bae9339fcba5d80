// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import Glibc

/// Whether the librabbitmq of this machine has the known repairs.
///
/// It reads what a broker sends, in C: CVE-2026-44235, -44236, -59986 and -61547 let a hostile broker read or write
/// outside its buffers. Debian 12 repaired the last of them in 0.11.0-1+deb12u3.
package enum LibraryRevision: Sendable, Hashable {
    case good
    /// It cannot be told, and why.
    case unknown(reason: String)
    case vulnerable(version: String, remedy: String)

    /// The first revision of Debian 12 with all of them.
    package static let repaired = "0.11.0-1+deb12u3"
    package static let packageName = "librabbitmq4"
    package static let remedy = "Run: apt-get update && apt-get install --only-upgrade librabbitmq4"

    /// Judges the library of this process by dpkg's list; blocks for the reading of one file.
    package static func judge() -> LibraryRevision {
        judge(status: readText("/var/lib/dpkg/status"), loaded: loadedPath(readText("/proc/self/maps") ?? ""))
    }

    /// Pure.
    ///
    /// - Parameters:
    ///   - status: dpkg's list, nil when there is none.
    ///   - loaded: the file that the process has loaded, nil when that cannot be told.
    package static func judge(status: String?, loaded: String?) -> LibraryRevision {
        if let loaded, !isPackaged(loaded) {
            return .unknown(
                reason: "\(loaded) is not the system's librabbitmq; make sure that it has the repairs of Debian's "
                    + "\(repaired), or remove it")
        }
        guard let status else {
            return .unknown(
                reason: "there is no dpkg here; make sure that librabbitmq has the repairs of Debian's \(repaired)")
        }
        let versions = PackageStatus.versions(of: packageName, in: status)
        guard !versions.isEmpty else {
            return .unknown(
                reason: "\(packageName) is not among dpkg's packages; install it from Debian, \(repaired) or later")
        }
        let verdicts = versions.map(judge(version:))
        // One machine may have it for several architectures, and the worst counts.
        for verdict in verdicts { if case .vulnerable = verdict { return verdict } }
        return verdicts.first { $0 != .good } ?? .good
    }

    private static func judge(version text: String) -> LibraryRevision {
        guard let version = DebianVersion(text), let wanted = DebianVersion(repaired), version.epoch == 0,
            version.upstream == wanted.upstream, isBookworm(version.revision)
        else {
            return .unknown(
                reason: "\(packageName) \(text) is not a revision of Debian 12; make sure that it has the repairs of "
                    + "\(repaired)")
        }
        return version < wanted ? .vulnerable(version: text, remedy: remedy) : .good
    }

    /// `1`, or `1` with Debian 12's marks of updates and rebuilds.
    private static func isBookworm(_ revision: String) -> Bool {
        revision == "1" || revision.hasPrefix("1+deb12u") || revision.hasPrefix("1+b")
            || revision.hasPrefix("1~deb12u")
    }

    private static func isPackaged(_ path: String) -> Bool {
        let folders = ["/usr/lib/", "/lib/"]
        return folders.contains { path.hasPrefix($0) } && !path.contains("/../")
    }

    /// The path of librabbitmq in the text of `/proc/self/maps`.
    package static func loadedPath(_ maps: String) -> String? {
        for line in maps.split(separator: "\n") {
            guard let slash = line.firstIndex(of: "/") else { continue }
            let path = line[slash...]
            guard let name = path.split(separator: "/").last, name.hasPrefix("librabbitmq.so") else { continue }
            return String(path)
        }
        return nil
    }

    private static func readText(_ path: String) -> String? {
        guard let file = fopen(path, "r") else { return nil }
        defer { fclose(file) }
        var output: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = fread(&buffer, 1, buffer.count, file)
            guard count > 0 else { break }
            output.append(contentsOf: buffer[..<count])
        }
        return String(decoding: output, as: UTF8.self)
    }
}
