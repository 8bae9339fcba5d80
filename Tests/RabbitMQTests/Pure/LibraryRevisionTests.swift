// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import RabbitMQ
import Testing

@Suite("The revision of librabbitmq")
struct LibraryRevisionTests {
    @Test(
        "versions stand in dpkg's order",
        arguments: [
            ("0.11.0-1", "0.11.0-1+deb12u1"), ("0.11.0-1+deb12u2", "0.11.0-1+deb12u3"),
            ("0.11.0-1+deb12u3", "0.11.0-1+deb12u10"), ("0.11.0-1~bpo11+1", "0.11.0-1"),
            ("0.11.0-1+deb12u3~rc1", "0.11.0-1+deb12u3"), ("0.9.0-1", "0.11.0-1"), ("0.11.0-1", "1:0.9.0-1"),
            ("1.0~beta", "1.0"), ("1.0", "1.0a"), ("1.0a", "1.0+"), ("1.0", "1.0-0.1"), ("1.02", "1.3"),
            ("0.11.0-1+b1", "0.11.0-1+deb12u1"), ("1.0~~", "1.0~"), ("1.0~", "1.0"),
        ])
    func order(lower: String, higher: String) throws {
        let (one, other) = (try #require(DebianVersion(lower)), try #require(DebianVersion(higher)))
        #expect(one < other)
        #expect(!(other < one))
        #expect(one != other)
    }

    @Test("leading zeros and a missing epoch make no difference; what is no version is none")
    func equality() {
        #expect(DebianVersion("0:1.02-1") == DebianVersion("1.2-01"))
        #expect(DebianVersion("1.0") == DebianVersion("1.0-0"))
        for text in ["", "x:1.0", "-1", "1.0 2"] { #expect(DebianVersion(text) == nil) }
    }

    private static func status(_ version: String, _ state: String = "install ok installed") -> String {
        """
        Package: librabbitmq-dev
        Status: install ok installed
        Version: 9.9.9

        Package: librabbitmq4
        Status: \(state)
        Architecture: amd64
        Conffiles:
         Version: 1.1.1
        Version: \(version)
        Description: AMQP client library
         Package: none of this

        Package: other
        Status: install ok installed
        Version: 1
        """
    }

    private static let file = "/usr/lib/x86_64-linux-gnu/librabbitmq.so.4.5.0"

    @Test("the package's own paragraph counts, when it is installed")
    func parsing() {
        #expect(PackageStatus.versions(of: "librabbitmq4", in: Self.status("0.11.0-1")) == ["0.11.0-1"])
        #expect(PackageStatus.versions(of: "librabbitmq", in: Self.status("0.11.0-1")).isEmpty)
        let removed = Self.status("0.11.0-1", "deinstall ok config-files")
        #expect(PackageStatus.versions(of: "librabbitmq4", in: removed).isEmpty)
        #expect(PackageStatus.versions(of: "librabbitmq4", in: "").isEmpty)
        #expect(PackageStatus.versions(of: "librabbitmq4", in: "::\n\n \n:x\u{0}").isEmpty)
        let twice = Self.status("0.11.0-1+deb12u3") + "\n\n" + Self.status("0.11.0-1")
        #expect(PackageStatus.versions(of: "librabbitmq4", in: twice).count == 2)
    }

    @Test(
        "Debian 12's revisions before the repairs are vulnerable, with the remedy",
        arguments: ["0.11.0-1", "0.11.0-1+b1", "0.11.0-1+deb12u1", "0.11.0-1+deb12u2", "0.11.0-1+deb12u3~1"])
    func vulnerable(version: String) {
        let verdict = LibraryRevision.judge(status: Self.status(version), loaded: Self.file)
        #expect(verdict == .vulnerable(version: version, remedy: LibraryRevision.remedy))
        #expect(LibraryRevision.remedy.contains("apt-get install --only-upgrade librabbitmq4"))
    }

    @Test(
        "the repaired revision and later ones are good",
        arguments: ["0.11.0-1+deb12u3", "0.11.0-1+deb12u4", "0.11.0-1+deb12u12"])
    func good(version: String) {
        #expect(LibraryRevision.judge(status: Self.status(version), loaded: Self.file) == .good)
    }

    @Test("the worst of several architectures counts")
    func architectures() {
        let text = Self.status("0.11.0-1+deb12u3") + "\n\n" + Self.status("0.11.0-1+deb12u1")
        let verdict = LibraryRevision.judge(status: text, loaded: Self.file)
        #expect(verdict == .vulnerable(version: "0.11.0-1+deb12u1", remedy: LibraryRevision.remedy))
    }

    @Test(
        "what cannot be told is unknown and says why",
        arguments: [
            (status("0.15.0-1"), file, "0.15.0-1"), (status("0.10.0-1ubuntu2"), file, "ubuntu"), (nil, file, "dpkg"),
            ("", file, "librabbitmq4"), (status("0.11.0-1+deb12u3"), "/opt/lib/librabbitmq.so.4", "/opt/lib"),
            (status("0.11.0-1+deb12u3"), "/usr/local/lib/librabbitmq.so.4", "/usr/local"),
        ] as [(String?, String, String)])
    func unknown(status: String?, loaded: String, part: String) {
        guard case .unknown(let reason) = LibraryRevision.judge(status: status, loaded: loaded) else {
            Issue.record("judged")
            return
        }
        #expect(reason.contains(part))
        #expect(reason.contains(LibraryRevision.repaired))
    }

    @Test("the loaded file is read from the process's map")
    func maps() {
        let text = """
            7f00-7f01 r--p 00000000 08:01 1 /usr/lib/x86_64-linux-gnu/libc.so.6
            7f01-7f02 r-xp 00000000 08:01 2                          /opt/x y/librabbitmq.so.4.5.0
            """
        #expect(LibraryRevision.loadedPath(text) == "/opt/x y/librabbitmq.so.4.5.0")
        #expect(LibraryRevision.loadedPath("") == nil)
    }

    @Test("this machine can be judged without a fault")
    func machine() {
        if case .vulnerable(let version, _) = LibraryRevision.judge() {
            Issue.record("librabbitmq4 \(version) is installed here; \(LibraryRevision.remedy)")
        }
    }
}
