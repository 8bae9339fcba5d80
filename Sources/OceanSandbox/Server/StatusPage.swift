// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

/// The page at `/`: referrals and their folders, without patients.
enum StatusPage {
    static func html(_ referrals: [ReferralSnapshot], deliveries: [DeliveryRecord]) -> [UInt8] {
        let rows = referrals.reversed().prefix(200).map { referral in
            row([
                referral.reference, referral.site, referral.listing, referral.senderFolder.rawValue,
                referral.receiverFolder.rawValue, referral.history.last.map { "\($0.change) (\($0.actor))" } ?? "",
            ])
        }
        let counts = DeliveryState.allCases.map { state in
            "\(deliveries.count { $0.state == state }) \(state.rawValue)"
        }
        let page = """
            <!DOCTYPE html>
            <html lang="en"><head><meta charset="utf-8"><meta http-equiv="refresh" content="5">
            <title>Ocean sandbox</title>
            <style>body{font:15px sans-serif;margin:2em}td,th{text-align:left;padding:.3em 1em .3em 0}</style></head>
            <body><h1>Ocean sandbox</h1>
            <p>A pretend Ocean with invented people. Webhook deliveries: \(escape(counts.joined(separator: ", "))).</p>
            <table><thead><tr><th>Referral<th>Site<th>Listing<th>Sender's folder<th>Receiver's folder<th>Last change</tr>
            </thead><tbody>
            \(rows.joined(separator: "\n"))
            </tbody></table></body></html>
            """
        return Array(page.utf8)
    }

    private static func row(_ cells: [String]) -> String {
        "<tr>" + cells.map { "<td>\(escape($0))</td>" }.joined() + "</tr>"
    }

    static func escape(_ text: String) -> String {
        var output = ""
        for character in text.unicodeScalars {
            switch character {
            case "&": output += "&amp;"
            case "<": output += "&lt;"
            case ">": output += "&gt;"
            case "\"": output += "&quot;"
            case "'": output += "&#39;"
            default: output.unicodeScalars.append(character)
            }
        }
        return output
    }
}
