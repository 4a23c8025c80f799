<?php
// 接收回调 / receives callbacks: php -S 127.0.0.1:$PORT receive.php, 或放在 php-fpm 后面 / or behind php-fpm.
// QUNHUB_SECRETS=密钥 (更换期间多个, 空格分隔 / several while one is replaced), SEEN_DIR
declare(strict_types=1);

const TOLERANCE_S = 300;
const BODY_BYTES_MAX = 4 * 1024 * 1024;

/** 空的、写错的密钥等于没有签名, 所以一个也不收 / an empty key would let anybody sign, so that none is taken. @return list<string> */
function secrets(): array
{
    $keys = [];
    foreach (preg_split('~\s+~', getenv('QUNHUB_SECRETS') ?: '', -1, PREG_SPLIT_NO_EMPTY) as $secret) {
        $key = str_starts_with($secret, 'whsec_') ? base64_decode(substr($secret, strlen('whsec_')), true) : false;
        if ($key === false || strlen($key) < 16) {
            throw new RuntimeException('QUNHUB_SECRETS: whsec_ + base64');
        }
        $keys[] = $key;
    }
    return $keys ?: throw new RuntimeException('QUNHUB_SECRETS: 至少一个 / at least one');
}

/** Standard Webhooks: 对原始字节 / over the raw bytes. */
function isSigned(string $body): bool
{
    $id = $_SERVER['HTTP_WEBHOOK_ID'] ?? '';
    $timestamp = $_SERVER['HTTP_WEBHOOK_TIMESTAMP'] ?? '';
    if ($id === '' || !ctype_digit($timestamp) || abs(time() - (int) $timestamp) > TOLERANCE_S) {
        return false;
    }
    foreach (secrets() as $key) {
        $expected = 'v1,' . base64_encode(hash_hmac('sha256', "$id.$timestamp.$body", $key, true));
        foreach (explode(' ', $_SERVER['HTTP_WEBHOOK_SIGNATURE'] ?? '') as $given) {
            if (hash_equals($expected, $given)) {
                return true;
            }
        }
    }
    return false;
}

/** 你的代码, 在 4 秒内 / your code, within 4 s. 不认识的种类也要 2xx / unknown kinds are 2xx, too. */
function handle(string $kind, array $callback): void
{
    file_put_contents('php://stderr', trim($kind . ' ' . (str_starts_with($kind, 'chatroom/') ? $callback['topic'] : '')) . "\n");
}

function answer(): int
{
    if ($_SERVER['REQUEST_METHOD'] !== 'POST') {
        return 405;
    }
    // 先于任何框架的解析 / before any framework parses it
    $body = file_get_contents('php://input', false, null, 0, BODY_BYTES_MAX + 1);
    if (strlen($body) > BODY_BYTES_MAX) {
        return 413;
    }
    if (!isSigned($body)) {
        return 401;
    }
    // 一个文件一个 webhook-id; 多台机器请换成 Redis 或带唯一键的表 / a file each; Redis or a unique key for several machines.
    // 每天清理一次 / once a day: find $SEEN_DIR/qunhub-seen -type f -mtime +31 -delete
    $folder = (getenv('SEEN_DIR') ?: throw new RuntimeException('SEEN_DIR')) . '/qunhub-seen';
    if (!is_dir($folder) && !@mkdir($folder, 0700) && !is_dir($folder)) {
        throw new RuntimeException("$folder: 无法建立 / cannot be made");
    }
    $file = fopen($folder . '/' . hash('sha256', $_SERVER['HTTP_WEBHOOK_ID']), 'c+');
    if ($file === false) {
        throw new RuntimeException("$folder: 无法写入 / cannot be written");
    }
    if (!flock($file, LOCK_EX | LOCK_NB)) {
        return 503; // 正在处理 / being handled
    }
    if (stream_get_contents($file) === 'done') {
        return 204;
    }
    $path = explode('/', trim(parse_url($_SERVER['REQUEST_URI'], PHP_URL_PATH), '/'));
    try {
        handle(implode('/', array_slice($path, -2)), json_decode($body, true, flags: JSON_THROW_ON_ERROR));
    } catch (Throwable $failure) {
        error_log((string) $failure);
        return 500; // 网关会再送 / the gateway sends it again
    }
    fwrite($file, 'done');
    return 204;
}

try {
    http_response_code(answer());
} catch (Throwable $failure) {
    // 不能核对就不答 2xx / what cannot be checked is never answered 2xx
    error_log($failure->getMessage());
    http_response_code(500);
}
