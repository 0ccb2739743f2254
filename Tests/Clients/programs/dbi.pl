# The scenario through Perl's DBI: dbi.pl mysql|MariaDB
use strict;
use warnings;
use utf8;
use DBI;
use Digest::MD5 qw(md5_hex);
use Encode qw(encode decode);

my $driver = $ARGV[0];
my $prefix = $driver eq 'mysql' ? 'mysql' : 'mariadb';
my $schema = $ENV{CLIENT_SCHEMA};
my ($connection, $prepared);
binmode STDOUT, ':raw';
$| = 1;

sub line { print map { utf8::is_utf8($_) ? encode('UTF-8', $_) : $_ } @_, "\n" }

sub bytes_of { my $text = shift; return utf8::is_utf8($text) ? encode('UTF-8', $text) : $text }

sub shortened {
    my ($text, $limit) = @_;
    my $bytes = bytes_of($text);
    return length $bytes <= ($limit // 200)
        ? $text : substr($text, 0, 20) . '.. ' . length($bytes) . ' long, md5 ' . md5_hex($bytes);
}

sub shown {
    my $value = shift;
    return 'undef' unless defined $value;
    return 'array:' . join(',', map { shown($_) } @$value) if ref $value;
    return shortened(utf8::is_utf8($value) || $value !~ /[^\x20-\x7e]/ ? "'$value'" : 'bytes:' . unpack('H*', $value));
}

sub values_of {
    return map {
        my ($kind, $rest) = /^\s*(\w):?(.*?)\s*$/s;
        $kind eq 'n' ? undef : $kind eq 'x' ? pack('H*', $rest) : $kind eq 's' ? $rest : 0 + $rest
    } split / \| /, shift;
}

sub connect_as {
    my ($charset, $user, $password, $name) = @_;
    my $unicode = $driver eq 'mysql' ? ($charset eq 'utf8mb4' ? ('mysql_enable_utf8mb4' => 1) : ()) : ();
    my $address = "host=$ENV{CLIENT_HOST};port=$ENV{CLIENT_PORT};database=$name;${prefix}_multi_statements=1";
    return DBI->connect("DBI:$driver:$address", $user, $password,
        { RaiseError => 1, PrintError => 0, AutoCommit => 1, $unicode ? ($unicode, 1) : () });
}

sub show {
    my $statement = shift;
    do {
        if ($statement->{NUM_OF_FIELDS}) {
            my @columns = map { $statement->{$_} } 'NAME', 'TYPE', 'PRECISION', 'SCALE', 'NULLABLE',
                map { "${prefix}_$_" } qw(type table is_pri_key is_num is_auto_increment length type_name max_length);
            for my $index (0 .. $statement->{NUM_OF_FIELDS} - 1) {
                line '  column ', join ' ', map { shown($_ ? $_->[$index] : undef) } @columns;
            }
            while (my $row = $statement->fetchrow_arrayref) { line '  row ', join ' ', map { shown($_) } @$row }
        }
        line '  rows=', $statement->rows, ' id=', shown($statement->{"${prefix}_insertid"}),
            ' warnings=', shown($statement->{"${prefix}_warning_count"}), ' info=', shown($connection->{"${prefix}_info"});
    } while ($statement->more_results);
}

my %steps = (
    reconnect => sub {
        $connection->disconnect if $connection;
        $connection = connect_as($_[0], $ENV{CLIENT_USER}, $ENV{CLIENT_PASSWORD}, $schema);
        line '  ', join ' ', map { shown($connection->{"${prefix}_$_"}) } qw(serverinfo serverversion hostinfo protoinfo);
    },
    refused => sub { connect_as('utf8mb4', split / /, $_[0]); line '  was let in' },
    query => sub {
        my $statement = $connection->prepare($_[0], { "${prefix}_server_prepare" => 0 });
        $statement->execute;
        show($statement);
    },
    prepare => sub { $prepared = $_[0] },
    exec => sub {
        # The first time on the server, the second time as the driver emulates it.
        for my $server (1, 0) {
            next if !$server && $prepared =~ /^(?:INSERT|UPDATE|DELETE|CALL)/;
            my $statement = $connection->prepare($prepared, { "${prefix}_server_prepare" => $server });
            $statement->execute(values_of($_[0]));
            show($statement);
        }
    },
    batch => sub {
        my $statement = $connection->prepare($prepared, { "${prefix}_server_prepare" => 1 });
        my @rows = map { [values_of($_)] } split / ; /, $_[0];
        my @outcomes;
        my $count = eval { $statement->execute_array({ ArrayTupleFetch => sub { shift @rows }, ArrayTupleStatus => \@outcomes }) };
        line '  ', shown($count), ' ', join ' ', map { shown($_) } @outcomes;
    },
    stream => sub {
        my $statement = $connection->prepare($_[0], { "${prefix}_use_result" => 1 });
        $statement->execute;
        my ($count, $sum) = (0, Digest::MD5->new);
        while (my $row = $statement->fetchrow_arrayref) { $count++; $sum->add(map { bytes_of($_) } @$row) }
        line "  $count rows, md5 ", $sum->hexdigest;
    },
    begin => sub { line '  ', shown($connection->begin_work) },
    commit => sub { line '  ', shown($connection->{AutoCommit} ? 'automatic' : $connection->commit) },
    rollback => sub { line '  ', shown($connection->{AutoCommit} ? 'automatic' : $connection->rollback) },
    autocommit => sub { $connection->{AutoCommit} = $_[0] },
    ping => sub { line '  ', shown($connection->ping), ' ', shown(length $connection->{"${prefix}_stat"} > 20) },
);

$steps{reconnect}->('utf8mb4');
open my $scenario, '<:encoding(UTF-8)', $ENV{CLIENT_SCENARIO} or die $!;
while (<$scenario>) {
    chomp;
    next if /^(#|$)/;
    my ($verb, $argument) = /^(\S+) ?(.*)/s;
    if ($verb eq 'section') { line "\n== $argument"; next }
    line shortened("> $verb $argument", 300);
    if (!$steps{$verb}) { line '  (the driver has no call for this)'; next }
    eval { $steps{$verb}->($argument) };
    if (my $error = $@) {
        $error =~ s/ at \S+ line \d+.*//s;
        line '  error ', shown($DBI::err), ' ', shown($DBI::state), ' ', $error;
    }
}
$connection->disconnect;
line "\n== end";
