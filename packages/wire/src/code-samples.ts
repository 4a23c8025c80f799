/** One call as whole programs, in the languages of samples/: standard libraries alone, so that they run where they are pasted. */
import type { Endpoint } from './model/endpoint.ts'

type Call = Pick<Endpoint, 'name' | 'method' | 'path' | 'example'>

export interface CodeSample {
  readonly language: string
  readonly code: string
}

export const curl = ({ method, path, example }: Call, baseUrl: string): string =>
  method === 'GET'
    ? `curl '${baseUrl}${path}?${queryOf(example)}'`
    : `curl -X POST '${baseUrl}${path}' -H 'Content-Type: application/json' \\\n  -d '${JSON.stringify(example).replaceAll("'", `'\\''`)}'`

export const codeSamples = (call: Call, baseUrl: string): readonly CodeSample[] => {
  const url = `${baseUrl}${call.path}${call.method === 'GET' ? `?${queryOf(call.example)}` : ''}`
  const body = call.method === 'GET' ? undefined : JSON.stringify(call.example, null, 2)
  return [
    { language: 'Node.js', code: node(url, body) },
    { language: 'Python', code: python(url, body) },
    { language: 'Java', code: java(url, body, call.name) },
    { language: 'PHP', code: php(url, call.method === 'GET' ? undefined : call.example) },
    { language: 'Go', code: go(url, body) },
  ]
}

const queryOf = (example: Call['example']): string =>
  new URLSearchParams(example as Record<string, string>).toString()

const indented = (text: string, by: string): string => text.replaceAll('\n', `\n${by}`)

const node = (url: string, body: string | undefined): string =>
  body === undefined
    ? `const answer = await fetch('${url}')
console.log(await answer.json())`
    : `const ask = ${body}
const answer = await fetch('${url}', {
  method: 'POST',
  headers: { 'Content-Type': 'application/json' },
  body: JSON.stringify(ask),
})
console.log(await answer.json())`

const python = (url: string, body: string | undefined): string =>
  body === undefined
    ? `import json, urllib.request

with urllib.request.urlopen("${url}", timeout=60) as answer:
    print(json.load(answer))`
    : `import json, urllib.request

ask = ${body}
request = urllib.request.Request(
    "${url}",
    json.dumps(ask).encode(),
    {"Content-Type": "application/json"},
)
with urllib.request.urlopen(request, timeout=60) as answer:
    print(json.load(answer))`

function java(url: string, body: string | undefined, name: string): string {
  const request =
    body === undefined
      ? 'HttpRequest.newBuilder(uri).build();'
      : `HttpRequest.newBuilder(uri)
            .header("Content-Type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofString("""
                ${indented(body.replaceAll('\\', '\\\\'), '                ')}"""))
            .build();`
  return `import java.net.URI;
import java.net.http.*;

public class ${name[0]!.toUpperCase()}${name.slice(1)} {
    public static void main(String[] args) throws Exception {
        var uri = URI.create("${url}");
        var request = ${request}
        var answer = HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofString());
        System.out.println(answer.body());
    }
}`
}

const php = (url: string, ask: Call['example'] | undefined): string =>
  ask === undefined
    ? `<?php
echo file_get_contents('${url}');`
    : `<?php
$ask = ${phpLiteral(ask)};
echo file_get_contents('${url}', false, stream_context_create(['http' => [
    'method' => 'POST',
    'header' => 'Content-Type: application/json',
    'content' => json_encode($ask),
]]));`

function phpLiteral(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(phpLiteral).join(', ')}]`
  if (typeof value === 'object' && value !== null) {
    const lines = Object.entries(value).map(([key, each]) => `    '${key}' => ${phpLiteral(each)},`)
    return `[\n${lines.join('\n')}\n]`
  }
  return `'${String(value).replace(/['\\]/g, '\\$&')}'`
}

/** A raw string has no way to say its own quote. */
const rawInGo = (text: string): string => text.replaceAll('`', '`+"`"+`')

function go(url: string, body: string | undefined): string {
  const ask =
    body === undefined
      ? `http.Get("${url}")`
      : `http.Post("${url}", "application/json", strings.NewReader(\`${rawInGo(indented(body, '\t'))}\`))`
  return `package main

import (
	"io"
	"log"
	"net/http"
	"os"${body === undefined ? '' : '\n\t"strings"'}
)

func main() {
	answer, err := ${ask}
	if err != nil {
		log.Fatal(err)
	}
	defer answer.Body.Close()
	io.Copy(os.Stdout, answer.Body)
}`
}
