// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import Crypto

/// A page for the person whose browser Ocean has sent: plain, without scripts, with nothing of the request in it.
package struct LaunchPage: Sendable, Hashable {
    package let html: String
    /// Value of `Content-Security-Policy`: no scripts, and Ocean alone may hold the page, where it may at all.
    package let policy: String

    /// The page that holds the application in a frame.
    package init(framing url: String, of application: LaunchApplication) {
        let title = "\(application.applicationName) – \(application.companyName)"
        let permissions =
            "allow-downloads allow-forms allow-modals allow-popups allow-popups-to-escape-sandbox allow-same-origin "
            + "allow-scripts"
        // No allow-top-navigation: the application stays in its frame.
        html = Self.document(
            title,
            """
            <iframe src="\(Self.escape(url))" title="\(Self.escape(title))" sandbox="\(permissions)" \
            referrerpolicy="no-referrer"></iframe>
            """)
        policy = Self.policy(of: application, frames: application.target.origin)
    }

    /// A page that says why nothing was launched.
    ///
    /// - Parameters:
    ///   - title: a few words.
    ///   - lines: what happened and what to do; paragraphs.
    ///   - application: nil when the address names none.
    package init(notice title: String, lines: [String], application: LaunchApplication?) {
        var paragraphs = lines
        if let application {
            paragraphs.append("\(application.applicationName), \(application.companyName)")
        }
        html = Self.document(
            title,
            """
            <main><h1>\(Self.escape(title))</h1>
            \(paragraphs.map { "<p>\(Self.escape($0))</p>" }.joined(separator: "\n"))
            </main>
            """)
        policy = Self.policy(of: application, frames: nil)
    }

    /// Who may hold a page of the application, or be held by it.
    package static func policy(of application: LaunchApplication?, frames origin: String?) -> String {
        let ancestors = application.flatMap { $0.embeds ? $0.frameAncestor : nil } ?? "'none'"
        return "default-src 'none'; style-src '\(styleHash)'; frame-src \(origin ?? "'none'"); base-uri 'none'; "
            + "form-action 'none'; frame-ancestors \(ancestors)"
    }

    private static let style =
        "html,body{height:100%;margin:0}main{font:1.1rem/1.5 sans-serif;max-width:40rem;margin:0 auto;padding:2rem}"
        + "iframe{display:block;width:100%;height:100%;border:0}"

    private static let styleHash = "sha256-" + base64(SHA256.hash(data: Array(style.utf8)))

    private static func document(_ title: String, _ body: String) -> String {
        """
        <!DOCTYPE html>
        <html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
        <meta name="robots" content="noindex"><title>\(escape(title))</title><style>\(style)</style></head>
        <body>
        \(body)
        </body></html>

        """
    }

    private static func base64(_ bytes: some Sequence<UInt8>) -> String {
        var text = Base64URL.text(bytes).map { $0 == "-" ? "+" : $0 == "_" ? "/" : $0 }
        while text.count % 4 != 0 { text.append("=") }
        return String(text)
    }

    static func escape(_ text: String) -> String {
        var output = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": output += "&amp;"
            case "<": output += "&lt;"
            case ">": output += "&gt;"
            case "\"": output += "&quot;"
            case "'": output += "&#39;"
            default: output.unicodeScalars.append(scalar)
            }
        }
        return output
    }
}
