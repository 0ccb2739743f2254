<?php
// The steps of the scenario and how a transcript looks, for the programs in PHP.

function shortened(string $text, int $limit = 200): string
{
    return strlen($text) <= $limit ? $text : substr($text, 0, 20) . '… ' . strlen($text) . ' long, md5 ' . md5($text);
}

function shown(mixed $value): string
{
    if (is_string($value)) {
        return shortened(preg_match('//u', $value) ? "'$value'" : 'bytes:' . bin2hex($value));
    }
    return shortened(var_export($value, true));
}

function values(string $text): array
{
    return array_map(function (string $word) {
        [$kind, $rest] = explode(':', trim($word) . ':', 2);
        $rest = substr($rest, 0, -1);
        return match ($kind) {
            'i' => (int) $rest,
            'f' => (float) $rest,
            's' => $rest,
            'x' => hex2bin($rest),
            'n' => null,
        };
    }, explode(' | ', $text));
}

function schema(): string
{
    return getenv('CLIENT_SCHEMA');
}

// Calls the client's method for each step and prints what it prints, or the error.
function run(object $client): void
{
    $statement = '';
    $client->reconnect('utf8mb4');
    foreach (file(getenv('CLIENT_SCENARIO'), FILE_IGNORE_NEW_LINES) as $line) {
        if ($line === '' || $line[0] === '#') {
            continue;
        }
        [$verb, $argument] = explode(' ', $line . ' ', 2);
        $argument = substr($argument, 0, -1);
        if ($verb === 'section') {
            echo "\n== $argument\n";
            continue;
        }
        echo shortened("> $verb $argument", 300), "\n";
        try {
            match ($verb) {
                'prepare' => $statement = $argument,
                'exec' => $client->execute($statement, [values($argument)]),
                'batch' => $client->execute($statement, array_map(values(...), explode(' ; ', $argument))),
                'user', 'refused' => $client->$verb(...explode(' ', $argument)),
                default => $argument === '' ? $client->$verb() : $client->$verb($argument),
            };
        } catch (BadMethodCallException) {
            echo "  (the driver has no call for this)\n";
        } catch (Throwable $error) {
            echo '  ', get_class($error), ' ', $client->described($error), ' ', $error->getMessage(), "\n";
        }
    }
    $client->close();
    echo "\n== end\n";
}
