# The scenario through mysql2 for Ruby (libmariadb).
require 'mysql2'
require 'digest'

STDOUT.sync = true

class Scenario
  def shortened(text, limit = 200)
    text.bytesize <= limit ? text : "#{text[0, 20]}… #{text.bytesize} long, md5 #{Digest::MD5.hexdigest(text)}"
  end

  def shown(value)
    case value
    when String
      value.encoding == Encoding::BINARY || !value.valid_encoding? ? shortened("bytes:#{value.unpack1('H*')}") : shortened("#{value.encoding}:#{value.encode('UTF-8')}")
    when Time then value.strftime('Time:%F %T.%6N')
    when BigDecimal then "BigDecimal:#{value.to_s('F')}"
    else shortened(value.inspect)
    end
  end

  def values(text)
    text.split(' | ').map do |word|
      kind, rest = word.strip.split(':', 2)
      case kind
      when 'i' then rest.to_i
      when 'f' then rest.to_f
      when 's' then rest
      when 'x' then [rest].pack('H*')
      end
    end
  end

  def connect(charset, user, password, schema)
    Mysql2::Client.new(host: ENV['CLIENT_HOST'], port: ENV['CLIENT_PORT'].to_i, username: user, password: password,
                       database: schema, encoding: charset, as: :array, flags: Mysql2::Client::MULTI_STATEMENTS)
  end

  def reconnect(charset)
    @client&.close
    @client = connect(charset, ENV['CLIENT_USER'], ENV['CLIENT_PASSWORD'], ENV['CLIENT_SCHEMA'])
    puts "  #{@client.server_info} #{@client.encoding}"
  end

  def refused(user, password, schema)
    connect('utf8mb4', user, password, schema)
    puts '  was let in'
  end

  def show(result)
    return unless result
    types = result.respond_to?(:field_types) ? result.field_types : []
    result.fields.zip(types).each { |name, type| puts "  column #{name} #{type}" }
    result.each { |row| puts "  row #{row.map { |value| shown(value) }.join(' ')}" }
  end

  def query(sql)
    result = @client.query(sql)
    loop do
      show(result)
      puts "  affected=#{@client.affected_rows} id=#{@client.last_id} warnings=#{@client.warning_count} " \
           "info=#{@client.query_info_string}"
      break unless @client.more_results? && @client.next_result
      result = @client.store_result
    end
  end

  def execute(sql, rows)
    statement = @client.prepare(sql)
    puts "  #{statement.param_count} parameters, #{statement.field_count} columns"
    rows.each do |row|
      show(statement.execute(*row))
      puts "  affected=#{statement.affected_rows} id=#{statement.last_id}"
    end
    @client.abandon_results! if sql.start_with?('CALL')
    statement.close
  end

  def stream(sql)
    count = 0
    @client.query(sql, stream: true, cache_rows: false).each { count += 1 }
    # How many it gives differs from run to run, also without the proxy (mysql2 0.5.3): only that it ends well counts.
    puts(count.positive? ? '  streamed' : '  nothing')
  end

  def begin = query('START TRANSACTION')
  def commit = query('COMMIT')
  def rollback = query('ROLLBACK')
  def autocommit(value) = query("SET autocommit = #{value}")
  def schema(name) = puts("  #{shown(@client.select_db(name))}")
  def ping = puts("  #{@client.ping}")

  def run
    statement = nil
    reconnect('utf8mb4')
    File.foreach(ENV['CLIENT_SCENARIO'], chomp: true, encoding: 'UTF-8') do |line|
      next if line.empty? || line.start_with?('#')
      verb, argument = line.split(' ', 2)
      next puts("\n== #{argument}") if verb == 'section'
      puts shortened("> #{line}", 300)
      begin
        case verb
        when 'prepare' then statement = argument
        when 'exec' then execute(statement, [values(argument)])
        when 'batch' then execute(statement, argument.split(' ; ').map { |row| values(row) })
        when 'refused' then refused(*argument.split(' '))
        when 'user', 'reset' then puts '  (the driver has no call for this)'
        else argument ? send(verb, argument) : send(verb)
        end
      rescue Mysql2::Error => error
        puts "  #{error.class} #{error.error_number} #{error.sql_state} #{error.message}"
      rescue ArgumentError => error
        # mysql2 makes a Time of every TIME, and there is none for -838 hours.
        puts "  #{error.class} #{error.message}"
      end
    end
    @client.close
    puts "\n== end"
  end
end

Scenario.new.run
