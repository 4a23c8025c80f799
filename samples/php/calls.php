<?php
// 接口页的五个调用, 不用扩展 / the five calls of the page, without extensions.
// QUNHUB_URL, QUNHUB_TOKEN, BOT, CONTACTS=甲,乙,丙
declare(strict_types=1);

const TRIES_MAX = 4;

/** 被拒绝不是异常: 看 code / a refusal is no exception: look at the code. */
function call(string $method, string $path, array $ask, array $headers = []): array
{
    $url = getenv('QUNHUB_URL') . $path;
    // 不跟随重定向, 它会把 token 带到别处 / no redirects, which would take the token elsewhere
    $http = ['method' => $method, 'timeout' => 60, 'ignore_errors' => true, 'follow_location' => 0];
    if ($method === 'POST') {
        $http['content'] = json_encode($ask, JSON_THROW_ON_ERROR | JSON_UNESCAPED_UNICODE);
    } else {
        $url .= '?' . http_build_query($ask);
    }
    $http['header'] = ['Authorization: Bearer ' . getenv('QUNHUB_TOKEN'), 'Content-Type: application/json', ...$headers];
    for ($tries = 1; ; $tries++) {
        $body = file_get_contents($url, false, stream_context_create(['http' => $http]));
        if ($body === false) {
            throw new RuntimeException("$path: 没有答复 / no answer");
        }
        preg_match('~^HTTP/\S+ (\d+)~', $http_response_header[0], $status);
        $wait = preg_grep('~^retry-after: *\d{1,9}$~i', $http_response_header);
        // 429, 503: 什么也没做, 过一会儿再来 / nothing was done, come again
        if (in_array($status[1], ['429', '503'], true) && $wait && $tries < TRIES_MAX) {
            sleep(min((int) preg_replace('~\D~', '', reset($wait)), 60));
            continue;
        }
        if (!in_array($status[1], ['200', '400'], true)) {
            throw new RuntimeException("$path: HTTP $status[1]");
        }
        return json_decode($body, true, flags: JSON_THROW_ON_ERROR);
    }
}

function show(string $name, array $answer, string $more = ''): void
{
    $code = $answer['errcode'] ?? $answer['code'];
    echo trim("$name $code " . ($code === 0 ? $more : $answer['errmsg'] ?? $answer['message'])), "\n";
    if ($name === 'create' && $code !== 0) {
        exit(1); // 没有群, 下面无事可做 / no room, nothing to go on with
    }
}

$bot = getenv('BOT');
[$first, $second, $third] = explode(',', getenv('CONTACTS'));

// 同一个键重试也只建一个群 / with the same key tries make one room
$key = 'Idempotency-Key: ' . bin2hex(random_bytes(16));
$made = call('POST', '/room/create', ['botUserId' => $bot, 'name' => '示例群', 'wxids' => [$first, $second]], [$key]);
show('create', $made);
$room = $made['data']['roomWxid'];

show('addMember', call('POST', '/room/addMember', ['botUserId' => $bot, 'contactWxid' => $third, 'roomWxid' => $room]));

$ofMember = call('GET', '/room/listByMember', ['contactWxid' => $third]);
show('listByMember', $ofMember, $ofMember['data'][0]['topic'] ?? '');

$all = call('GET', '/room/listByMHTag', ['current' => 1, 'pageSize' => 20]);
show('listByMHTag', $all, (string) ($all['page']['total'] ?? ''));

show('exit', call('POST', '/room/exit', ['wecomUserId' => $bot, 'roomWxid' => $room]));
