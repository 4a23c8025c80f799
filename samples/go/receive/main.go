// 接收回调, 只用标准库 / receives callbacks, standard library only.
// PORT, QUNHUB_SECRETS=密钥 (更换期间多个, 空格分隔 / several while one is replaced)
package main

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"strconv"
	"strings"
	"sync"
	"time"
)

const (
	tolerance    = 5 * time.Minute
	bodyBytesMax = 4 << 20
	idsMax       = 10_000
	keyBytesMin  = 16
)

// seen 记住处理过的 webhook-id; 多个进程请换成 Redis 或带唯一键的表 / for several processes: Redis, or a unique key.
type seen struct {
	sync.Mutex
	state map[string]int
	order []string
}

const (
	running = iota
	handled
	failed
)

// claim says whether the callback is ours to handle, and if not whether it was handled.
func (s *seen) claim(id string) (ours, done bool) {
	s.Lock()
	defer s.Unlock()
	state, known := s.state[id]
	if known && state != failed {
		return false, state == handled
	}
	s.state[id] = running
	if known { // 已在 order 里 / it stands in the order already
		return true, false
	}
	if s.order = append(s.order, id); len(s.order) > idsMax {
		delete(s.state, s.order[0])
		s.order = s.order[1:]
	}
	return true, false
}

func (s *seen) end(id string, state int) {
	s.Lock()
	defer s.Unlock()
	if _, known := s.state[id]; known {
		s.state[id] = state
	}
}

// once 处理函数出错或 panic 时放回去 / what fails or panics is given back for the next try.
func (s *seen) once(id, kind string, body []byte) error {
	ended := failed
	defer func() { s.end(id, ended) }()
	err := handle(kind, body)
	if err == nil {
		ended = handled
	}
	return err
}

// readSecrets 空的、写错的密钥等于没有签名 / an empty or a mistaken key would let anybody sign.
func readSecrets(given string) (secrets [][]byte) {
	for _, secret := range strings.Fields(given) {
		key, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(secret, "whsec_"))
		if err != nil || !strings.HasPrefix(secret, "whsec_") || len(key) < keyBytesMin {
			log.Fatal("QUNHUB_SECRETS: whsec_ + base64")
		}
		secrets = append(secrets, key)
	}
	if len(secrets) == 0 {
		log.Fatal("QUNHUB_SECRETS: 至少一个 / at least one")
	}
	return secrets
}

// isSigned 对原始字节 / over the raw bytes: Standard Webhooks.
func isSigned(secrets [][]byte, header http.Header, body []byte) bool {
	id, timestamp := header.Get("webhook-id"), header.Get("webhook-timestamp")
	seconds, err := strconv.ParseInt(timestamp, 10, 64)
	if id == "" || err != nil || time.Since(time.Unix(seconds, 0)).Abs() > tolerance {
		return false
	}
	for _, secret := range secrets {
		mac := hmac.New(sha256.New, secret)
		fmt.Fprintf(mac, "%s.%s.%s", id, timestamp, body)
		expected := "v1," + base64.StdEncoding.EncodeToString(mac.Sum(nil))
		for _, given := range strings.Fields(header.Get("webhook-signature")) {
			if hmac.Equal([]byte(given), []byte(expected)) {
				return true
			}
		}
	}
	return false
}

// handle 你的代码, 在 4 秒内 / your code, within 4 s. 不认识的种类也要 2xx / unknown kinds are 2xx, too.
func handle(kind string, body []byte) error {
	var room struct{ Topic string }
	if strings.HasPrefix(kind, "chatroom/") {
		if err := json.Unmarshal(body, &room); err != nil {
			return err
		}
	}
	fmt.Println(strings.TrimSpace(kind + " " + room.Topic))
	return nil
}

func main() {
	secrets := readSecrets(os.Getenv("QUNHUB_SECRETS"))
	known := &seen{state: map[string]int{}}

	http.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodPost {
			w.WriteHeader(http.StatusMethodNotAllowed)
			return
		}
		body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, bodyBytesMax))
		if tooLarge := new(http.MaxBytesError); errors.As(err, &tooLarge) {
			w.WriteHeader(http.StatusRequestEntityTooLarge)
			return
		}
		if err != nil {
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		if !isSigned(secrets, r.Header, body) {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		id := r.Header.Get("webhook-id")
		ours, done := known.claim(id)
		switch {
		case done:
			w.WriteHeader(http.StatusNoContent)
			return
		case !ours: // 正在处理 / being handled
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		path := strings.Split(strings.Trim(r.URL.Path, "/"), "/")
		if len(path) > 2 {
			path = path[len(path)-2:]
		}
		if err = known.once(id, strings.Join(path, "/"), body); err != nil {
			log.Print(err)
			w.WriteHeader(http.StatusInternalServerError) // 网关会再送 / the gateway sends it again
			return
		}
		w.WriteHeader(http.StatusNoContent)
	})

	listener, err := net.Listen("tcp", "127.0.0.1:"+os.Getenv("PORT"))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("ready")
	server := &http.Server{ReadTimeout: 10 * time.Second, WriteTimeout: 10 * time.Second}
	log.Fatal(server.Serve(listener))
}
