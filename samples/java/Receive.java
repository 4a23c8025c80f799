// 接收回调, 只用 JDK 17 / receives callbacks, JDK 17 alone: java Receive.java
// PORT, QUNHUB_SECRETS=密钥 (更换期间多个, 空格分隔 / several while one is replaced)
//
// Spring Boot 里: 方法参数用 @RequestBody byte[] body 与 @RequestHeader HttpHeaders headers, 然后 answer(…)。
// / In Spring Boot: take @RequestBody byte[] body and the headers, and answer as below.
import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

public class Receive {
    static final long TOLERANCE_S = 300;
    static final int BODY_BYTES_MAX = 4 * 1024 * 1024;
    static final int IDS_MAX = 10_000;

    static final List<byte[]> SECRETS = readSecrets(System.getenv("QUNHUB_SECRETS"));

    /** 空的、写错的密钥等于没有签名 / an empty or a mistaken key would let anybody sign. */
    static List<byte[]> readSecrets(String given) {
        List<byte[]> keys = Arrays.stream(given.split("\\s+")).filter(secret -> !secret.isEmpty()).map(secret -> {
            if (!secret.matches("whsec_[A-Za-z0-9+/]{22,}={0,2}")) throw new IllegalArgumentException("QUNHUB_SECRETS: whsec_ + base64");
            return Base64.getDecoder().decode(secret.substring("whsec_".length()));
        }).toList();
        if (keys.isEmpty()) throw new IllegalArgumentException("QUNHUB_SECRETS: 至少一个 / at least one");
        return keys;
    }

    /** 处理过为 true; 多个进程请换成 Redis 或带唯一键的表 / true: handled. For several processes: Redis, or a unique key. */
    static final Map<String, Boolean> SEEN = Collections.synchronizedMap(new LinkedHashMap<>() {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Boolean> eldest) {
            return size() > IDS_MAX;
        }
    });

    /** Standard Webhooks: 对原始字节 / over the raw bytes. */
    static boolean isSigned(String id, String timestamp, String signatures, byte[] body) throws GeneralSecurityException {
        if (id == null || signatures == null || timestamp == null || !timestamp.matches("\\d{1,12}")) return false;
        if (Math.abs(Instant.now().getEpochSecond() - Long.parseLong(timestamp)) > TOLERANCE_S) return false;
        for (byte[] secret : SECRETS) {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(secret, "HmacSHA256"));
            mac.update((id + "." + timestamp + ".").getBytes(StandardCharsets.UTF_8));
            byte[] expected = ("v1," + Base64.getEncoder().encodeToString(mac.doFinal(body))).getBytes();
            for (String given : signatures.split(" "))
                if (MessageDigest.isEqual(expected, given.getBytes())) return true;
        }
        return false;
    }

    /** 2xx: 已处理; 其他: 网关会再送 / 2xx: handled; anything else: the gateway sends it again. */
    static int answer(String path, Headers headers, byte[] body) throws GeneralSecurityException {
        String id = headers.getFirst("webhook-id");
        if (!isSigned(id, headers.getFirst("webhook-timestamp"), headers.getFirst("webhook-signature"), body)) return 401;
        Boolean handled = SEEN.putIfAbsent(id, false);
        if (handled != null) return handled ? 204 : 503;
        boolean ended = false;
        try {
            String[] parts = path.split("/");
            handle(parts[parts.length - 2] + "/" + parts[parts.length - 1], new String(body, StandardCharsets.UTF_8));
            ended = true;
        } finally {
            // 没做完就放回去, 下一次再来 / what did not come to its end is given back for the next try
            if (ended) SEEN.put(id, true);
            else SEEN.remove(id);
        }
        return 204;
    }

    /** 你的代码, 在 4 秒内; JSON 用 Jackson 或 Gson 读 / your code, within 4 s; read the JSON with Jackson or Gson. */
    static void handle(String kind, String json) {
        Matcher topic = Pattern.compile("\"topic\":\"([^\"\\\\]*+(?:\\\\.[^\"\\\\]*+)*+)\"").matcher(json);
        // 不认识的种类也要 2xx / unknown kinds are 2xx, too
        System.out.println((kind + " " + (kind.startsWith("chatroom/") && topic.find() ? topic.group(1) : "")).trim());
    }

    static int statusOf(HttpExchange exchange) throws IOException {
        if (!exchange.getRequestMethod().equals("POST")) return 405;
        byte[] body = exchange.getRequestBody().readNBytes(BODY_BYTES_MAX + 1);
        if (body.length > BODY_BYTES_MAX) return 413;
        try {
            return answer(exchange.getRequestURI().getPath(), exchange.getRequestHeaders(), body);
        } catch (GeneralSecurityException | RuntimeException | StackOverflowError failure) {
            failure.printStackTrace();
            return 500;
        }
    }

    public static void main(String[] args) throws Exception {
        // 慢慢发来的请求占着线程: 10 秒为限 / who sends slowly holds a thread: for 10 s at most
        System.setProperty("sun.net.httpserver.maxReqTime", "10");
        int port = Integer.parseInt(System.getenv("PORT"));
        HttpServer server = HttpServer.create(new InetSocketAddress("127.0.0.1", port), 0);
        server.createContext("/", exchange -> {
            try (exchange) {
                exchange.sendResponseHeaders(statusOf(exchange), -1);
            }
        });
        server.setExecutor(new ThreadPoolExecutor(16, 16, 0, TimeUnit.SECONDS, new ArrayBlockingQueue<>(256)));
        server.start();
        System.out.println("ready");
    }
}
