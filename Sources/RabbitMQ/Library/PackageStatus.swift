// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

/// dpkg's list of packages (`/var/lib/dpkg/status`): paragraphs of `Name: value` lines (Debian Policy §5.1).
package enum PackageStatus {
    /// The versions of an installed package, one for each architecture.
    package static func versions(of package: String, in text: String) -> [String] {
        var found: [String] = []
        var fields: [Substring: Substring] = [:]
        func close() {
            if fields["package"] == Substring(package), let version = fields["version"],
                fields["status"]?.hasSuffix(" installed") == true
            {
                found.append(String(version))
            }
            fields = [:]
        }
        var isWanted = true
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
            if line.allSatisfy({ $0 == " " || $0 == "\t" || $0 == "\r" }) {
                close()
                isWanted = true
                continue
            }
            // Continuation lines belong to fields that do not matter here; so do packages of other names.
            guard isWanted, let first = line.first, first != " ", first != "\t", let colon = line.firstIndex(of: ":")
            else { continue }
            let name = line[..<colon].lowercased()
            guard let key = ["package", "version", "status"].first(where: { $0 == name }) else { continue }
            var value = line[line.index(after: colon)...].drop { $0 == " " || $0 == "\t" }
            while let last = value.last, last == " " || last == "\r" || last == "\t" { value = value.dropLast() }
            fields[Substring(key)] = value
            if key == "package" { isWanted = value == package }
        }
        close()
        return found
    }
}
