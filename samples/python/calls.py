"""接口页的五个调用, 只用标准库 / the five calls of the page, standard library only.
QUNHUB_URL, QUNHUB_TOKEN, BOT, CONTACTS=甲,乙,丙"""
import json
import os
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
import uuid

URL, TOKEN = os.environ["QUNHUB_URL"], os.environ["QUNHUB_TOKEN"]
BOT, CONTACTS = os.environ["BOT"], os.environ["CONTACTS"].split(",")
TRIES_MAX = 4


class NoRedirects(urllib.request.HTTPRedirectHandler):
    """重定向会把 token 带到别处 / a redirect would take the token elsewhere."""

    def redirect_request(self, *_):
        return None


opener = urllib.request.build_opener(NoRedirects)


def call(method, path, ask, **headers):
    """被拒绝不是异常: 看 code / a refusal is no exception: look at the code."""
    body, url = None, URL + path
    if method == "POST":
        body = json.dumps(ask).encode()
    else:
        url += "?" + urllib.parse.urlencode(ask)
    headers.update({"Authorization": f"Bearer {TOKEN}", "Content-Type": "application/json"})
    for tries in range(1, TRIES_MAX + 1):
        try:
            request = urllib.request.Request(url, data=body, method=method, headers=headers)
            with opener.open(request, timeout=60) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as answer:
            # 429, 503: 什么也没做, 过一会儿再来 / nothing was done, come again
            wait = answer.headers.get("Retry-After", "")
            if answer.code in (429, 503) and wait.isdecimal() and len(wait) < 10 and tries < TRIES_MAX:
                time.sleep(min(int(wait), 60))
                continue
            # 请求不合要求: 看 code 与 message / malformed: look at the code and the message
            if answer.code == 400:
                return json.load(answer)
            raise


def show(name, answer, more=""):
    code = answer.get("errcode", answer.get("code"))
    words = more if code == 0 else answer.get("errmsg", answer.get("message"))
    print(f"{name} {code} {words}".strip(), flush=True)
    return code == 0


# 同一个键重试也只建一个群 / with the same key tries make one room
made = call(
    "POST",
    "/room/create",
    {"botUserId": BOT, "name": "示例群", "wxids": CONTACTS[:2]},
    **{"Idempotency-Key": str(uuid.uuid4())},
)
if not show("create", made):
    sys.exit(1)
room = made["data"]["roomWxid"]

show("addMember", call("POST", "/room/addMember", {"botUserId": BOT, "contactWxid": CONTACTS[2], "roomWxid": room}))

of_member = call("GET", "/room/listByMember", {"contactWxid": CONTACTS[2]})
show("listByMember", of_member, of_member["data"][0]["topic"] if of_member.get("data") else "")

all_rooms = call("GET", "/room/listByMHTag", {"current": 1, "pageSize": 20})
show("listByMHTag", all_rooms, all_rooms.get("page", {}).get("total", ""))

show("exit", call("POST", "/room/exit", {"wecomUserId": BOT, "roomWxid": room}))
