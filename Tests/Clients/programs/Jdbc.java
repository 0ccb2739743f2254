// The scenario through MariaDB Connector/J: query steps as text, exec steps prepared on the server.

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.sql.SQLWarning;
import java.sql.Statement;
import java.sql.Types;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Properties;
import java.util.StringJoiner;

final class Jdbc {
    private static Connection connection;
    private static String prepared = "";

    private static String shortened(String text, int limit) {
        return text.length() <= limit
            ? text : text.substring(0, 20) + "… " + text.length() + " long, hash " + text.hashCode();
    }

    private static String shown(Object value) {
        if (value == null) return "null";
        String text = value instanceof byte[] bytes ? HexFormat.of().formatHex(bytes) : value.toString();
        return shortened(value.getClass().getSimpleName() + ":" + text, 200);
    }

    private static Connection open(String user, String password, String schema) throws SQLException {
        Properties options = new Properties();
        options.setProperty("user", user);
        options.setProperty("password", password);
        options.setProperty("allowMultiQueries", "true");
        options.setProperty("useServerPrepStmts", "true");
        options.setProperty("useBulkStmts", "true");
        options.setProperty("dumpQueriesOnException", "false");
        options.setProperty("allowPublicKeyRetrieval", "true");
        String address = System.getenv("CLIENT_HOST") + ":" + System.getenv("CLIENT_PORT");
        return DriverManager.getConnection("jdbc:mariadb://" + address + "/" + schema, options);
    }

    private static void reconnect() throws SQLException {
        if (connection != null) connection.close();
        connection = open(System.getenv("CLIENT_USER"), System.getenv("CLIENT_PASSWORD"), System.getenv("CLIENT_SCHEMA"));
        var about = connection.getMetaData();
        System.out.println("  " + about.getDatabaseProductName() + " " + about.getDatabaseProductVersion() + " "
            + connection.getTransactionIsolation() + " " + connection.getCatalog() + " " + about.getUserName());
    }

    private static void rows(ResultSet rows) throws SQLException {
        ResultSetMetaData columns = rows.getMetaData();
        int count = columns.getColumnCount();
        for (int index = 1; index <= count; index++) {
            System.out.println("  column " + columns.getColumnLabel(index) + "|" + columns.getColumnName(index) + "|"
                + columns.getTableName(index) + "|" + columns.getCatalogName(index) + " "
                + columns.getColumnTypeName(index) + " " + columns.getColumnType(index) + " "
                + columns.getColumnClassName(index) + " " + columns.getPrecision(index) + " " + columns.getScale(index)
                + " " + columns.isNullable(index) + columns.isSigned(index) + columns.isAutoIncrement(index));
        }
        while (rows.next()) {
            StringJoiner line = new StringJoiner(" ");
            for (int index = 1; index <= count; index++) line.add(cell(rows, index));
            System.out.println("  row " + line);
        }
    }

    private static String cell(ResultSet rows, int index) {
        try {
            return shown(rows.getObject(index));
        } catch (SQLException error) {
            return "unreadable:" + error.getMessage();
        }
    }

    private static void show(Statement statement, boolean first) throws SQLException {
        boolean isRows = first;
        while (true) {
            if (isRows) {
                rows(statement.getResultSet());
            } else if (statement.getUpdateCount() == -1) {
                break;
            } else {
                System.out.print("  affected=" + statement.getUpdateCount());
                try (ResultSet keys = statement.getGeneratedKeys()) {
                    while (keys.next()) System.out.print(" id=" + keys.getLong(1));
                }
                System.out.println();
            }
            isRows = statement.getMoreResults();
        }
        for (SQLWarning found = statement.getWarnings(); found != null; found = found.getNextWarning())
            System.out.println("  warning " + found.getErrorCode() + " " + found.getSQLState() + " " + found.getMessage());
    }

    private static void bind(PreparedStatement statement, String row) throws SQLException {
        int index = 1;
        for (String word : row.split(" \\| ")) {
            word = word.strip();
            String rest = word.length() > 1 ? word.substring(2) : "";
            switch (word.charAt(0)) {
                case 'i' -> statement.setLong(index, Long.parseLong(rest));
                case 'f' -> statement.setDouble(index, Double.parseDouble(rest));
                case 's' -> statement.setString(index, rest);
                case 'x' -> statement.setBytes(index, HexFormat.of().parseHex(rest));
                default -> statement.setNull(index, Types.VARCHAR);
            }
            index++;
        }
    }

    private static void step(String verb, String argument) throws SQLException {
        switch (verb) {
            case "query" -> {
                try (Statement statement = connection.createStatement()) {
                    show(statement, statement.execute(argument, Statement.RETURN_GENERATED_KEYS));
                }
            }
            case "prepare" -> prepared = argument;
            case "exec" -> {
                try (PreparedStatement statement = connection.prepareStatement(prepared, Statement.RETURN_GENERATED_KEYS)) {
                    bind(statement, argument);
                    show(statement, statement.execute());
                }
            }
            case "batch" -> {
                try (PreparedStatement statement = connection.prepareStatement(prepared)) {
                    for (String row : argument.split(" ; ")) {
                        bind(statement, row);
                        statement.addBatch();
                    }
                    System.out.println("  " + Arrays.toString(statement.executeBatch()));
                }
            }
            case "stream" -> stream(argument);
            case "begin" -> connection.setAutoCommit(false);
            case "commit" -> {
                connection.commit();
                connection.setAutoCommit(true);
            }
            case "rollback" -> {
                connection.rollback();
                connection.setAutoCommit(true);
            }
            case "autocommit" -> connection.setAutoCommit(argument.equals("1"));
            case "schema" -> connection.setCatalog(argument);
            case "ping" -> System.out.println("  " + connection.isValid(5));
            case "reconnect" -> reconnect();
            case "refused" -> {
                String[] words = argument.split(" ");
                open(words[0], words[1], words[2]).close();
                System.out.println("  was let in");
            }
            default -> System.out.println("  (the driver has no call for this)");
        }
    }

    private static void stream(String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.setFetchSize(7);
            long count = 0, sum = 0;
            try (ResultSet rows = statement.executeQuery(sql)) {
                while (rows.next()) {
                    count++;
                    sum = sum * 31 + rows.getString(1).hashCode() * 7L + rows.getString(2).hashCode();
                }
            }
            System.out.println("  " + count + " rows, sum " + sum);
        }
    }

    public static void main(String[] arguments) throws Exception {
        reconnect();
        for (String line : Files.readAllLines(Path.of(System.getenv("CLIENT_SCENARIO")), StandardCharsets.UTF_8)) {
            if (line.isEmpty() || line.startsWith("#")) continue;
            String[] words = line.split(" ", 2);
            String argument = words.length > 1 ? words[1] : "";
            if (words[0].equals("section")) {
                System.out.println("\n== " + argument);
                continue;
            }
            System.out.println(shortened("> " + line, 300));
            try {
                step(words[0], argument);
            } catch (SQLException error) {
                System.out.println("  " + error.getClass().getSimpleName() + " " + error.getErrorCode() + " "
                    + error.getSQLState() + " " + error.getMessage());
            }
        }
        connection.close();
        System.out.println("\n== end");
    }
}
