// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// Calls of the file system with errors that name the place. They block: see `FileWork`.
enum POSIXFile {
    static func error(_ what: String, _ path: String, _ code: Int32 = errno) -> ClaimCheckError {
        let text = String(cString: strerror(code))
        switch code {
        case ENOSPC, EDQUOT: return ClaimCheckError(.full, "\(what) \(path): \(text); make room")
        case ENOENT: return ClaimCheckError(.missing, "\(what) \(path): \(text)")
        default: return ClaimCheckError(.unavailable, "\(what) \(path): \(text)")
        }
    }

    /// Interrupted calls are made again.
    static func retrying(_ call: () -> Int) -> Int {
        while true {
            let result = call()
            if result >= 0 || errno != EINTR { return result }
        }
    }

    /// Creates the directory and what is missing above it, readable by the owner alone.
    static func makeDirectory(_ path: String) throws(ClaimCheckError) {
        if mkdir(path, 0o700) == 0 {
            if let parent = parent(of: path) { try syncDirectory(parent) }
            return
        }
        switch errno {
        case EEXIST: return
        case ENOENT:
            guard let parent = parent(of: path), parent != path else { throw error("cannot create", path) }
            try makeDirectory(parent)
            guard mkdir(path, 0o700) == 0 || errno == EEXIST else { throw error("cannot create", path) }
            try syncDirectory(parent)
        default: throw error("cannot create", path)
        }
    }

    static func parent(of path: String) -> String? {
        guard let slash = path.lastIndex(of: "/"), slash != path.startIndex else { return nil }
        return String(path[..<slash])
    }

    /// A new file, for its owner alone.
    static func create(_ path: String) throws(ClaimCheckError) -> Int32 {
        let file = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw error("cannot create", path) }
        return file
    }

    static func close(_ file: Int32) {
        #if canImport(Glibc)
            _ = Glibc.close(file)
        #elseif canImport(Musl)
            _ = Musl.close(file)
        #else
            _ = Darwin.close(file)
        #endif
    }

    static func openForReading(_ path: String) throws(ClaimCheckError) -> Int32 {
        let file = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
        guard file >= 0 else { throw error("cannot open", path) }
        return file
    }

    static func writeAll(_ bytes: [UInt8], to file: Int32, _ path: String) throws(ClaimCheckError) {
        var written = 0
        while written < bytes.count {
            let count = bytes.withUnsafeBytes { buffer in
                retrying { write(file, buffer.baseAddress.map { $0 + written }, buffer.count - written) }
            }
            guard count > 0 else { throw error("cannot write", path) }
            written += count
        }
    }

    /// The next bytes; empty at the end.
    static func read(_ file: Int32, upTo count: Int, _ path: String) throws(ClaimCheckError) -> [UInt8] {
        var failure: Int32?
        let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            let base = buffer.baseAddress
            let result = retrying {
                #if canImport(Glibc)
                    Glibc.read(file, base, count)
                #elseif canImport(Musl)
                    Musl.read(file, base, count)
                #else
                    Darwin.read(file, base, count)
                #endif
            }
            if result < 0 { failure = errno }
            filled = max(0, result)
        }
        if let failure { throw error("cannot read", path, failure) }
        return bytes
    }

    static func sync(_ file: Int32, _ path: String) throws(ClaimCheckError) {
        guard retrying({ Int(fsync(file)) }) == 0 else { throw error("cannot sync", path) }
    }

    static func syncDirectory(_ path: String) throws(ClaimCheckError) {
        let file = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard file >= 0 else { throw error("cannot open", path) }
        defer { close(file) }
        try sync(file, path)
    }

    /// Moves a file in one step and makes the move durable.
    static func move(_ path: String, to target: String) throws(ClaimCheckError) {
        guard rename(path, target) == 0 else { throw error("cannot move to", target) }
        if let parent = parent(of: target) { try syncDirectory(parent) }
    }

    /// Nil when there is none.
    static func status(_ path: String) throws(ClaimCheckError) -> (size: Int, modified: Timestamp)? {
        var info = stat()
        guard lstat(path, &info) == 0 else {
            if errno == ENOENT { return nil }
            throw error("cannot look at", path)
        }
        #if canImport(Darwin)
            let time = info.st_mtimespec
        #else
            let time = info.st_mtim
        #endif
        return (Int(info.st_size), Timestamp(milliseconds: Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000))
    }

    /// Names in a directory; none when it does not exist.
    static func names(in path: String) throws(ClaimCheckError) -> [String] {
        guard let directory = opendir(path) else {
            if errno == ENOENT { return [] }
            throw error("cannot list", path)
        }
        defer { closedir(directory) }
        var names: [String] = []
        while let entry = readdir(directory) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names
    }

    /// Bytes that may still be written by this user.
    static func room(in path: String) throws(ClaimCheckError) -> Int {
        var info = statvfs()
        guard statvfs(path, &info) == 0 else { throw error("cannot look at", path) }
        let (bytes, overflow) = Int(info.f_bavail).multipliedReportingOverflow(by: Int(info.f_frsize))
        return overflow ? .max : bytes
    }
}
