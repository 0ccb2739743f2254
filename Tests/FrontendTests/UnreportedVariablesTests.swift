// What a SET changes without that servers report it.
import SQL
import Testing

@testable import Frontend

@Suite struct UnreportedVariablesTests {
    private func unreported(
        _ sql: String, _ mode: SQLMode = SQLMode()
    ) -> (question: String?, changes: [CharacterSetChange]) {
        var sql = sql
        return sql.withUTF8 { bytes in
            let text = UnsafeRawBufferPointer(bytes)
            let found = UnreportedVariables(text, Classifier.classify(text, mode: mode), mode)
            return (found.question.map { String(decoding: $0, as: UTF8.self) }, found.changes)
        }
    }

    private func names(_ text: String, except later: [String] = []) -> CharacterSetChange {
        .names(Array(text.utf8), except: later)
    }

    @Test func `what is reported or plain in the text asks nothing`() {
        for sql in ["SET sql_mode = ''", "SELECT 1", "SET character_set_results = NULL", "SET NAMES utf8mb4"] {
            #expect(unreported(sql).question == nil, "\(sql)")
        }
        #expect(unreported("SELECT @@sql_mode").changes == [])
        #expect(unreported("SET character_set_results = NULL").changes == [])
    }

    @Test func `SET NAMES is told as it was written`() {
        #expect(unreported("SET NAMES utf8mb4").changes == [names("NAMES utf8mb4")])
        #expect(unreported("set names 'latin1' /* x */").changes == [names("NAMES 'latin1'")])
        #expect(
            unreported("SET NAMES latin1 COLLATE  latin1_bin").changes == [
                names("NAMES latin1 COLLATE latin1_bin", except: ["names collate"])
            ])
        #expect(unreported("SET NAMES DEFAULT").changes == [names("NAMES DEFAULT")])
        #expect(
            unreported("SET sql_mode = '', NAMES latin1, collation_connection = latin1_bin").changes == [
                names("NAMES latin1", except: ["collation_connection"]), .collation(Array("latin1_bin".utf8)),
            ])
    }

    @Test func `the last SET NAMES counts, and what stands before it of its variables does not`() {
        let (question, changes) = unreported(
            "SET @@character_set_results = latin1, @@sql_mode = '', NAMES cp1251, NAMES latin1")
        #expect(question == "SET SESSION sql_mode=@@session.sql_mode")
        #expect(changes == [names("NAMES latin1")])
    }

    @Test func `the form that is not reported is asked about`() {
        let (question, changes) = unreported("SET @@sql_mode = '', @@timestamp = 5, @x = 1, @@time_zone = '+00:00'")
        #expect(question == "SET SESSION sql_mode=@@session.sql_mode,SESSION time_zone=@@session.time_zone")
        #expect(changes == [])
    }

    @Test func `MySQL is asked only for what it does not report`() {
        let mySQL = SQLMode(dialect: .mySQL)
        #expect(unreported("SET @@sql_mode = '', @@time_zone = '+00:00'", mySQL).question == nil)
        let (question, _) = unreported("SET @@sql_mode = '', collation_connection = @x", mySQL)
        #expect(question == "SET SESSION collation_connection=@@session.collation_connection")
    }

    @Test func `a collation that the text does not tell is asked for`() {
        for sql in ["SET CHARACTER SET latin1", "SET collation_connection = @x", "SET collation_connection = DEFAULT"] {
            let (question, changes) = unreported(sql)
            #expect(question == "SET SESSION collation_connection=@@session.collation_connection", "\(sql)")
            #expect(changes == [.unknownCollation], "\(sql)")
        }
        #expect(unreported("SET character_set_connection = utf8mb4").changes == [.collation(nil)])
    }

    @Test func `several statements, and more variables than are asked about, are not known`() {
        #expect(unreported("SET NAMES latin1; SELECT 1").changes == [.unknown])
        let many = (0...UnreportedVariables.maximum).map { "@@v\($0) = 1" }.joined(separator: ", ")
        let (question, changes) = unreported("SET \(many)")
        #expect(changes == [.unknown] && question?.contains("v31") == true && question?.contains("v32") == false)
    }
}
