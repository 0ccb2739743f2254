// The scenario through mysql for Node (mysqljs), which knows text queries only.
'use strict'
const mysql = require('mysql')
const fs = require('fs')
const crypto = require('crypto')

const md5 = bytes => crypto.createHash('md5').update(bytes).digest('hex')
const print = text => fs.writeSync(1, text + '\n')
const shortened = (text, limit = 200) => Buffer.byteLength(text) <= limit ? text
    : `${text.slice(0, 20)}… ${Buffer.byteLength(text)} long, md5 ${md5(text)}`
const shown = value => shortened(Buffer.isBuffer(value) ? 'bytes:' + value.toString('hex')
    : value instanceof Date ? 'date:' + value.getTime() : JSON.stringify(value))
const values = text => text.split(' | ').map(word => {
    const [, kind, rest] = /^\s*(\w):?(.*?)\s*$/s.exec(word)
    return kind === 'n' ? null : kind === 'x' ? Buffer.from(rest, 'hex') : kind === 's' ? rest
        : kind === 'i' && !Number.isSafeInteger(Number(rest)) ? rest : Number(rest)
})
const schema = process.env.CLIENT_SCHEMA
let connection

function call(object, method, ...args) {
    return new Promise((resolve, reject) => {
        object[method](...args, (error, results, fields) => error ? reject(error) : resolve([results, fields]))
    })
}

async function connect(charset, user, password, database) {
    const made = mysql.createConnection({
        host: process.env.CLIENT_HOST, port: Number(process.env.CLIENT_PORT), user, password, database, charset,
        multipleStatements: true, supportBigNumbers: true, bigNumberStrings: true, timezone: 'Z',
    })
    await call(made, 'connect')
    return made
}

function show(results, fields) {
    const several = Array.isArray(results) && (Array.isArray(fields?.[0]) || results.some(r => Array.isArray(r)
        || r?.constructor?.name === 'OkPacket'))
    const all = several ? results.map((result, index) => [result, fields?.[index]]) : [[results, fields]]
    for (const [result, columns] of all) {
        for (const column of columns || []) print('  column ' + JSON.stringify(column))
        if (Array.isArray(result)) for (const row of result) print('  row ' + Object.values(row).map(shown).join(' '))
        else print('  ' + JSON.stringify(result))
    }
}

const steps = {
    async reconnect(charset) {
        if (connection) await call(connection, 'end')
        connection = await connect(charset, process.env.CLIENT_USER, process.env.CLIENT_PASSWORD, schema)
        print('  ' + connection._protocol._handshakeInitializationPacket.serverVersion)
    },
    async refused(argument) {
        await connect('utf8mb4', ...argument.split(' '))
        print('  was let in')
    },
    async query(sql) { show(...await call(connection, 'query', sql)) },
    async exec(argument) { show(...await call(connection, 'query', steps.prepared, values(argument))) },
    async batch(argument) {
        for (const row of argument.split(' ; ')) show(...await call(connection, 'query', steps.prepared, values(row)))
    },
    stream: sql => new Promise((resolve, reject) => {
        let count = 0
        const sum = crypto.createHash('md5')
        connection.query(sql).on('error', reject).on('result', row => { count++; sum.update(JSON.stringify(row)) })
            .on('end', () => { print(`  ${count} rows, md5 ${sum.digest('hex')}`); resolve() })
    }),
    async begin() { await call(connection, 'beginTransaction') },
    async commit() { await call(connection, 'commit') },
    async rollback() { await call(connection, 'rollback') },
    async autocommit(value) { await steps.query('SET autocommit = ' + value) },
    async schema(name) { await call(connection, 'changeUser', { database: name }) },
    async ping() { await call(connection, 'ping') },
    async user(argument) {
        const [user, password] = argument.split(' ')
        await call(connection, 'changeUser', { user, password, database: schema })
    },
}

async function run() {
    await steps.reconnect('utf8mb4')
    for (const line of fs.readFileSync(process.env.CLIENT_SCENARIO, 'utf8').split('\n')) {
        if (!line || line.startsWith('#')) continue
        const [, verb, argument] = /^(\S+) ?(.*)/s.exec(line)
        if (verb === 'section') { print('\n== ' + argument); continue }
        print(shortened('> ' + line, 300))
        if (verb === 'prepare') steps.prepared = argument
        else if (!steps[verb]) print('  (the driver has no call for this)')
        else try { await steps[verb](argument) } catch (error) {
            print(`  ${error.code} ${error.errno} ${error.sqlState} ${error.message} fatal=${error.fatal}`)
            if (error.fatal && verb !== 'refused') { connection = null; await steps.reconnect('utf8mb4') }
        }
    }
    await call(connection, 'end')
    print('\n== end')
}

run().catch(error => { print(String(error.stack)); process.exit(1) })
