// 接口页的五个调用, 只用标准库 / the five calls of the page, standard library only.
// QUNHUB_URL, QUNHUB_TOKEN, BOT, CONTACTS=甲,乙,丙
package main

import (
	"bytes"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"log"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"strings"
	"time"
)

const triesMax = 4

// 不跟随重定向, 它会把 token 带到别处 / no redirects, which would take the token elsewhere.
var client = &http.Client{
	Timeout:       60 * time.Second,
	CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
}

// reply is what every endpoint answers; create says errcode and errmsg.
type reply struct {
	Code    *int            `json:"code"`
	Message string          `json:"message"`
	ErrCode *int            `json:"errcode"`
	ErrMsg  string          `json:"errmsg"`
	Data    json.RawMessage `json:"data"`
	Page    struct {
		Total int `json:"total"`
	} `json:"page"`
}

// call 被拒绝不是 error: 看 code / a refusal is no error: look at the code.
func call(method, path string, ask map[string]any, headers map[string]string) reply {
	target := os.Getenv("QUNHUB_URL") + path
	var body []byte
	if method == http.MethodPost {
		body, _ = json.Marshal(ask)
	} else {
		query := url.Values{}
		for name, value := range ask {
			query.Set(name, fmt.Sprint(value))
		}
		target += "?" + query.Encode()
	}
	for tries := 1; ; tries++ {
		request, err := http.NewRequest(method, target, bytes.NewReader(body))
		if err != nil {
			log.Fatal(err)
		}
		request.Header.Set("Authorization", "Bearer "+os.Getenv("QUNHUB_TOKEN"))
		request.Header.Set("Content-Type", "application/json")
		for name, value := range headers {
			request.Header.Set(name, value)
		}
		answer, err := client.Do(request)
		if err != nil {
			log.Fatal(err)
		}
		// 429, 503: 什么也没做, 过一会儿再来 / nothing was done, come again
		wait, noWait := strconv.Atoi(answer.Header.Get("Retry-After"))
		if (answer.StatusCode == 429 || answer.StatusCode == 503) && noWait == nil && wait >= 0 && tries < triesMax {
			answer.Body.Close()
			if wait > 60 {
				wait = 60
			}
			time.Sleep(time.Duration(wait) * time.Second)
			continue
		}
		var said reply
		err = json.NewDecoder(answer.Body).Decode(&said)
		answer.Body.Close()
		if err != nil || (answer.StatusCode != 200 && answer.StatusCode != 400) || (said.Code == nil && said.ErrCode == nil) {
			log.Fatalf("%s: HTTP %d: %v", path, answer.StatusCode, err)
		}
		return said
	}
}

func show(name string, said reply, more string) {
	code, words := said.Code, said.Message
	if said.ErrCode != nil {
		code, words = said.ErrCode, said.ErrMsg
	}
	if *code == 0 {
		words = more
	}
	fmt.Println(strings.TrimSpace(fmt.Sprintf("%s %d %s", name, *code, words)))
	if name == "create" && *code != 0 {
		os.Exit(1) // 没有群, 下面无事可做 / no room, nothing to go on with
	}
}

func read(said reply, into any) {
	if err := json.Unmarshal(said.Data, into); err != nil {
		log.Fatal(err)
	}
}

func main() {
	bot, contacts := os.Getenv("BOT"), strings.Split(os.Getenv("CONTACTS"), ",")

	// 同一个键重试也只建一个群 / with the same key tries make one room
	key := make([]byte, 16)
	rand.Read(key)
	made := call("POST", "/room/create",
		map[string]any{"botUserId": bot, "name": "示例群", "wxids": contacts[:2]},
		map[string]string{"Idempotency-Key": hex.EncodeToString(key)})
	show("create", made, "")
	var room struct{ RoomWxid string }
	read(made, &room)

	show("addMember", call("POST", "/room/addMember",
		map[string]any{"botUserId": bot, "contactWxid": contacts[2], "roomWxid": room.RoomWxid}, nil), "")

	ofMember := call("GET", "/room/listByMember", map[string]any{"contactWxid": contacts[2]}, nil)
	var rooms []struct{ Topic string }
	topic := ""
	if ofMember.Data != nil {
		read(ofMember, &rooms)
	}
	if len(rooms) > 0 {
		topic = rooms[0].Topic
	}
	show("listByMember", ofMember, topic)

	all := call("GET", "/room/listByMHTag", map[string]any{"current": 1, "pageSize": 20}, nil)
	show("listByMHTag", all, fmt.Sprint(all.Page.Total))

	show("exit", call("POST", "/room/exit", map[string]any{"wecomUserId": bot, "roomWxid": room.RoomWxid}, nil), "")
}
