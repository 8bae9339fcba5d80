// Ocean Bridge
// SPDX-License-Identifier: Apache-2.0

import BridgeCore
import Crypto
import Testing

@testable import ClaimCheck

/// The examples of AWS's documentation, "Authenticating Requests: Using the Authorization Header".
@Suite("Signature Version 4")
struct S3SignatureTests {
    private let signature = S3Signature(
        accessKeyID: "AKIAIOSFODNN7EXAMPLE", secretAccessKey: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
        region: "us-east-1")
    private let date = "20130524T000000Z"
    private let host = ("Host", "examplebucket.s3.amazonaws.com")

    @Test("GET of an object with a range")
    func get() {
        let text = signature.authorization(
            method: "GET", path: "/test.txt",
            headers: [
                host, ("Range", "bytes=0-9"), ("x-amz-content-sha256", S3Signature.emptyDigest), ("x-amz-date", date),
            ], digest: S3Signature.emptyDigest, date: date)
        #expect(
            text == "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request,"
                + "SignedHeaders=host;range;x-amz-content-sha256;x-amz-date,"
                + "Signature=f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41")
    }

    @Test("PUT of an object")
    func put() {
        let digest = Hex.text(SHA256.hash(data: Array("Welcome to Amazon S3.".utf8)))
        let text = signature.authorization(
            method: "PUT", path: "/" + PathText.escaped("test$file.text"),
            headers: [
                host, ("Date", "Fri, 24 May 2013 00:00:00 GMT"), ("x-amz-content-sha256", digest),
                ("x-amz-date", date), ("x-amz-storage-class", "REDUCED_REDUNDANCY"),
            ], digest: digest, date: date)
        #expect(text.hasSuffix("Signature=98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd"))
    }

    @Test("GET with a query, with and without a value")
    func query() {
        let headers = [host, ("x-amz-content-sha256", S3Signature.emptyDigest), ("x-amz-date", date)]
        let lifecycle = signature.authorization(
            method: "GET", path: "/", query: [("lifecycle", "")], headers: headers, digest: S3Signature.emptyDigest,
            date: date)
        #expect(lifecycle.hasSuffix("Signature=fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543"))
        let list = signature.authorization(
            method: "GET", path: "/", query: [("prefix", "J"), ("max-keys", "2")], headers: headers,
            digest: S3Signature.emptyDigest, date: date)
        #expect(list.hasSuffix("Signature=34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7"))
    }

    @Test("the date is ISO 8601 basic")
    func dates() {
        #expect(S3Signature.date(Timestamp(milliseconds: 1_369_353_600_999)) == "20130524T000000Z")
    }
}
