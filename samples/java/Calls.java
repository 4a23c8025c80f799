// 接口页的五个调用, 只用 JDK 17 / the five calls of the page, JDK 17 alone: java Calls.java
// QUNHUB_URL, QUNHUB_TOKEN, BOT, CONTACTS=甲,乙,丙
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

public class Calls {
    static final int TRIES_MAX = 4;
    /** 它不跟随重定向, 那会把 token 带到别处 / it follows no redirects, which would take the token elsewhere. */
    static final HttpClient CLIENT = HttpClient.newBuilder()
            .followRedirects(HttpClient.Redirect.NEVER)
            .connectTimeout(Duration.ofSeconds(10))
            .build();
    static final String URL = System.getenv("QUNHUB_URL");

    /** 被拒绝不是异常: 看 code / a refusal is no exception: look at the code. */
    static String post(String path, String json, String... headers) throws IOException, InterruptedException {
        HttpRequest.Builder request = request(path).POST(BodyPublishers.ofString(json));
        return send(headers.length == 0 ? request : request.headers(headers));
    }

    static String get(String path, Map<String, String> ask) throws IOException, InterruptedException {
        String query = ask.entrySet().stream()
                .map(one -> one.getKey() + "=" + URLEncoder.encode(one.getValue(), StandardCharsets.UTF_8))
                .collect(Collectors.joining("&"));
        return send(request(path + "?" + query).GET());
    }

    static HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(URI.create(URL + path))
                .timeout(Duration.ofSeconds(60))
                .header("Authorization", "Bearer " + System.getenv("QUNHUB_TOKEN"))
                .header("Content-Type", "application/json");
    }

    static String send(HttpRequest.Builder request) throws IOException, InterruptedException {
        for (int tries = 1; ; tries++) {
            HttpResponse<String> answer = CLIENT.send(request.build(), BodyHandlers.ofString());
            // 429, 503: 什么也没做, 过一会儿再来 / nothing was done, come again
            boolean busy = answer.statusCode() == 429 || answer.statusCode() == 503;
            String wait = answer.headers().firstValue("Retry-After").orElse("");
            if (busy && wait.matches("\\d{1,9}") && tries < TRIES_MAX) {
                Thread.sleep(Duration.ofSeconds(Math.min(Long.parseLong(wait), 60)).toMillis());
                continue;
            }
            if (answer.statusCode() != 200 && answer.statusCode() != 400)
                throw new IOException(answer.uri().getPath() + ": HTTP " + answer.statusCode());
            return answer.body();
        }
    }

    static void show(String name, String answer, String more) {
        String code = field(answer, "(?:err)?code");
        System.out.println((name + " " + code + " " + ("0".equals(code) ? more : field(answer, "(?:message|errmsg)"))).trim());
    }

    /** 示例只用 JDK; 你的程序用 Jackson 或 Gson / the JDK has no JSON: use Jackson or Gson in yours. */
    static String field(String json, String name) {
        Matcher found = Pattern.compile("\"" + name + "\":(?:\"([^\"\\\\]*+(?:\\\\.[^\"\\\\]*+)*+)\"|(-?\\d+))").matcher(json);
        if (!found.find()) throw new IllegalStateException(json);
        return found.group(1) != null ? found.group(1) : found.group(2);
    }

    public static void main(String[] args) throws Exception {
        String bot = System.getenv("BOT");
        String[] contacts = System.getenv("CONTACTS").split(",");

        // 同一个键重试也只建一个群 / with the same key tries make one room
        String made = post("/room/create", """
                {"botUserId": "%s", "name": "示例群", "wxids": ["%s", "%s"]}""".formatted(bot, contacts[0], contacts[1]),
                "Idempotency-Key", UUID.randomUUID().toString());
        show("create", made, "");
        // 没有群, 下面无事可做 / no room, nothing to go on with
        if (!"0".equals(field(made, "(?:err)?code"))) System.exit(1);
        String room = field(made, "roomWxid");

        show("addMember", post("/room/addMember", """
                {"botUserId": "%s", "contactWxid": "%s", "roomWxid": "%s"}""".formatted(bot, contacts[2], room)), "");

        String ofMember = get("/room/listByMember", Map.of("contactWxid", contacts[2]));
        show("listByMember", ofMember, ofMember.contains("\"topic\":") ? field(ofMember, "topic") : "");

        Map<String, String> page = new LinkedHashMap<>();
        page.put("current", "1");
        page.put("pageSize", "20");
        String all = get("/room/listByMHTag", page);
        show("listByMHTag", all, all.contains("\"total\":") ? field(all, "total") : "");

        show("exit", post("/room/exit", """
                {"wecomUserId": "%s", "roomWxid": "%s"}""".formatted(bot, room)), "");
    }
}
