"""接收回调, 只用标准库 / receives callbacks, standard library only.
PORT, QUNHUB_SECRETS=密钥 (更换期间多个, 空格分隔 / several while one is replaced)

Flask 里: body = request.get_data() (先于 request.json), headers = request.headers, 然后 answer(path, headers, body)。
/ In Flask: the same, with request.get_data()."""
import base64
import hashlib
import hmac
import json
import os
import threading
import time
from collections import OrderedDict
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

TOLERANCE_S = 300
BODY_BYTES_MAX = 4 * 1024 * 1024
IDS_MAX = 10_000


def read_secrets(given):
    """空的、写错的密钥等于没有签名 / an empty or a mistaken key would let anybody sign."""
    keys = []
    for secret in given.split():
        try:
            keys.append(base64.b64decode(secret[len("whsec_") :], validate=True))
        except ValueError:
            keys.append(b"")
        if not secret.startswith("whsec_") or len(keys[-1]) < 16:
            raise SystemExit("QUNHUB_SECRETS: whsec_ + base64")
    return keys or exit("QUNHUB_SECRETS: 至少一个 / at least one")


SECRETS = read_secrets(os.environ.get("QUNHUB_SECRETS", ""))
seen = OrderedDict()  # 多个进程请换成 Redis 或带唯一键的表 / for several processes: Redis, or a table with a unique key
lock = threading.Lock()


def is_signed(headers, body):
    """Standard Webhooks: 对原始字节 / over the raw bytes."""
    webhook_id, timestamp = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "")
    if not webhook_id or not timestamp.isdecimal() or len(timestamp) > 12 or abs(time.time() - int(timestamp)) > TOLERANCE_S:
        return False
    signed = f"{webhook_id}.{timestamp}.".encode() + body
    given = headers.get("webhook-signature", "").split()
    expected = ["v1," + base64.b64encode(hmac.new(s, signed, hashlib.sha256).digest()).decode() for s in SECRETS]
    return any(hmac.compare_digest(g.encode(), e.encode()) for g in given for e in expected)


def answer(path, headers, body):
    """2xx: 已处理; 其他: 网关会再送 / 2xx: handled; anything else: the gateway sends it again."""
    if not is_signed(headers, body):
        return 401
    webhook_id = headers["webhook-id"]
    with lock:
        if webhook_id in seen:
            return 204 if seen[webhook_id] else 503  # 处理过, 或正在处理 / handled, or being handled
        seen[webhook_id] = False
        if len(seen) > IDS_MAX:
            seen.popitem(last=False)
    try:
        handle("/".join(path.split("?")[0].strip("/").split("/")[-2:]), json.loads(body))
        seen[webhook_id] = True
    finally:
        # 没做完就放回去, 下一次再来 / what did not come to its end is given back for the next try
        if not seen.get(webhook_id):
            seen.pop(webhook_id, None)
    return 204


def handle(kind, callback):
    """你的代码, 在 4 秒内 / your code, within 4 s. 不认识的种类也要 2xx / unknown kinds are 2xx, too."""
    print(kind, callback["topic"] if kind.startswith("chatroom/") else "", flush=True)


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = 10

    def do_POST(self):
        said = self.headers.get("Content-Length", "")
        # 负数会一直读到断开 / a negative one would be read until the connection ends
        if not said.isdecimal() or len(said) > 12:
            return self.send_error(400)
        if int(said) > BODY_BYTES_MAX:
            return self.send_error(413)
        body = self.rfile.read(int(said))
        if len(body) < int(said):
            return self.send_error(400)
        try:
            status = answer(self.path, self.headers, body)
        except Exception as failure:
            self.log_error("%s", failure)
            status = 500
        self.send_response(status)
        if status != 204:
            self.send_header("Content-Length", "0")
        self.end_headers()

    def do_GET(self):
        self.send_error(405)  # 回调是 POST / callbacks are POSTed

    def log_message(self, *_):
        pass


if __name__ == "__main__":
    server = ThreadingHTTPServer(("127.0.0.1", int(os.environ["PORT"])), Handler)
    print("ready", flush=True)
    server.serve_forever()
