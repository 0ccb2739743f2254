// The OpenAPI file against the answers: every path answers, and every table is described as it is.

import Foundation
import Testing

@testable import Admin
@testable import Dashboard

@Suite struct OpenAPITests {
    private typealias Object = [String: Any]

    private func document() throws -> Object {
        let service = try DashboardScene.service()
        return try service.json("/api/v1/openapi.json")
    }

    private func object(_ value: Any?, _ path: String...) throws -> Object {
        try path.reduce(try #require(value as? Object)) { try #require($0[$1] as? Object, "\(path)") }
    }

    /// The schema of a table's rows.
    private func rowSchema(_ document: Object, _ table: String) throws -> Object {
        let answer = try object(
            document, "paths", "/api/v1/\(table)", "get", "responses", "200", "content", "application/json", "schema",
            "properties", "rows", "items")
        let name = try #require((answer["$ref"] as? String)?.split(separator: "/").last)
        return try object(document, "components", "schemas", String(name))
    }

    private static func expected(_ type: ConsoleType) -> (type: [String], format: String?) {
        switch type {
        case .text: (["string", "null"], nil)
        case .integer: (["integer", "null"], "int64")
        case .real: (["number", "null"], nil)
        case .datetime: (["string", "null"], "date-time")
        }
    }

    @Test func `every path answers as it says`() throws {
        let service = try DashboardScene.service(token: DashboardScene.token)
        let shown = ("authorization", "Bearer \(DashboardScene.token)")
        for (path, item) in try object(try document(), "paths") {
            for method in try #require(item as? Object).keys {
                guard path != "/api/v1/events" else { continue }
                let answer = try service.response(
                    path, method: method.uppercased(), headers: [shown, ("content-type", "application/sql")],
                    body: method == "post" ? "SELECT 1" : "")
                #expect(answer.status == 200, "\(method) \(path)")
                let contents = try object(item, method, "responses", "200", "content")
                let type = answer.contentType.split(separator: ";").first.map(String.init)
                #expect(Array(contents.keys) == [type], "\(path)")
            }
        }
        let request = HTTPRequest(
            method: "GET", path: "/api/v1/events", headers: [.init(name: shown.0, value: shown.1)])
        guard case .events = service.answer(request, peerHost: "10.9.9.9", nowMilliseconds: 1) else {
            Issue.record("there are no events")
            return
        }
    }

    @Test func `every table is described, with its columns and their types`() throws {
        let document = try document()
        let tables = try ConsoleExecutor(source: DashboardScene.source()).tables
        #expect(!tables.isEmpty)
        for table in tables {
            let path = "/api/v1/\(table.name)"
            guard try object(document, "paths")[path] != nil else {
                Issue.record("\(path) is missing from openapi.json")
                continue
            }
            let schema = try rowSchema(document, table.name)
            let properties = try object(schema, "properties")
            #expect(Set(properties.keys) == Set(table.columns.map(\.name)), "\(table.name)")
            #expect(schema["required"] as? [String] == table.columns.map(\.name), "\(table.name)")
            for column in table.columns {
                let property = try #require(properties[column.name] as? Object, "\(table.name).\(column.name)")
                let (type, format) = Self.expected(column.type)
                #expect(property["type"] as? [String] == type, "\(table.name).\(column.name)")
                #expect(property["format"] as? String == format, "\(table.name).\(column.name)")
                #expect(property["description"] as? String == column.comment, "\(table.name).\(column.name)")
            }
        }
    }

    @Test func `the rows that are answered have the types of their schema`() throws {
        let document = try document()
        let service = try DashboardScene.service()
        var seen = 0
        for table in try ConsoleExecutor(source: DashboardScene.source()).tables {
            let properties = try object(try rowSchema(document, table.name), "properties")
            let rows = try #require(try service.json("/api/v1/\(table.name)")["rows"] as? [Object])
            for row in rows {
                #expect(Set(row.keys) == Set(properties.keys), "\(table.name)")
                for (name, value) in row {
                    let types = try #require((properties[name] as? Object)?["type"] as? [String])
                    #expect(types.contains(Self.type(of: value)), "\(table.name).\(name): \(value)")
                    seen += 1
                }
            }
        }
        #expect(seen > 200)
    }

    private static func type(of value: Any) -> String {
        switch value {
        case is NSNull: "null"
        case is String: "string"
        case let number as NSNumber: number.doubleValue == number.doubleValue.rounded() ? "integer" : "number"
        default: "something else"
        }
    }

    @Test func `references lead somewhere`() throws {
        let document = try document()
        func check(_ value: Any) throws {
            switch value {
            case let object as Object:
                if let reference = object["$ref"] as? String {
                    var target: Any? = document
                    for part in reference.split(separator: "/").dropFirst() {
                        target = (target as? Object)?[String(part)]
                    }
                    #expect(target != nil, "\(reference)")
                }
                for child in object.values { try check(child) }
            case let list as [Any]: for child in list { try check(child) }
            default: break
            }
        }
        try check(document)
        #expect(document["openapi"] as? String == "3.1.0")
    }
}
