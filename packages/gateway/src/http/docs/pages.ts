/** The documents that people read: made of the contract, in two languages, without a script. */
import {
  type BothLanguages,
  callbacks,
  codeSamples,
  curl,
  type DescribedField,
  describeFields,
  type Endpoint,
  endpoints,
  generalAnswers,
  type Header,
  inBoth,
  type RefusalHelp,
  refusalHelp,
  testCallback,
} from '@qunhub/wire'
import { VERSION } from '../../version.ts'
import { type At, inLanguage, type Language, page, sayIn } from './frame.ts'
import { type Html, html } from './html.ts'
import { table } from './table.ts'

/** What is owed, and the test that somebody may send. */
const told = [...callbacks, testCallback]

const TITLE = { chinese: '群枢 Qunhub: 接口文档', english: 'Qunhub: the API' }

/** `/`: from here everything is found. */
export const homePage = ({ root }: At, hasConsole: boolean): string =>
  page(
    { language: 'chinese', root, title: '群枢 Qunhub' },
    html`<main><h1>群枢 Qunhub ${VERSION}</h1>
<p>企业微信群聊网关, 与秒回开放 API 的群聊页面兼容。<br><span lang="en">A gateway for the group chats of hosted WeCom accounts.</span></p>
<ul>${
      hasConsole
        ? html`
<li><a href="${root}console/">控制台</a> · <a href="${root}console/" lang="en">the console</a></li>`
        : ''
    }
<li><a href="${root}docs">接口文档</a> · <a href="${root}docs/en" lang="en">the API</a></li>
<li><a href="${root}docs/try">在线调试</a> · <a href="${root}docs/try/en" lang="en">try it</a></li>
<li><a href="${root}docs/moving">从秒回迁来</a> · <a href="${root}docs/moving/en" lang="en">coming from 秒回</a></li>
<li><a href="${root}openapi.json">openapi.json</a> (Apifox, Postman) · <a href="${root}manage/openapi.json">manage/openapi.json</a></li>
<li><a href="${root}health">health</a> · <a href="${root}ready">ready</a></li>
</ul></main>`,
  )

/** `/docs`, `/docs/en`: every endpoint and callback. */
export const apiPage = (language: Language, at: At): string => {
  const say = sayIn(language)
  const other: Html =
    language === 'chinese'
      ? html`<a href="${at.root}docs/en" lang="en">English</a>`
      : html`<a href="${at.root}docs" lang="zh">中文</a>`
  return page(
    { language, root: at.root, title: TITLE[language] },
    html`<main><nav>${other}<a href="${at.root}docs/try${language === 'chinese' ? '' : '/en'}">${say('在线调试', 'Try it')}</a><a href="${at.root}docs/moving${language === 'chinese' ? '' : '/en'}">${say('从秒回迁来', 'Coming from 秒回')}</a><a href="${at.root}openapi.json">openapi.json</a></nav>
<h1>${TITLE[language]}</h1>
<p>${say(
      '凭 token 调用: GET 放在查询参数, POST 放在请求体, 两者也可用 Authorization: Bearer。每个 token 30 秒内最多 500 次, 超出为 429。',
      'Calls carry a token: in the query of a GET, in the body of a POST, or as Authorization: Bearer. 500 calls in 30 s a token, then 429.',
    )} <a href="${at.root}openapi.json">openapi.json</a> ${say(
      '可导入 Apifox; Postman 导入时把 Parameter generation 选为 Example, 请求才带着能成功的示例。',
      'can be imported by Apifox; by Postman with Parameter generation set to Example, so that requests carry examples that succeed.',
    )}</p>
<nav aria-label="${say('本页', 'On this page')}">${endpoints.map(({ name, path }) => html`<a href="#${name}">${path}</a>`)}${told.map(({ kind }) => html`<a href="#${kind}">${kind}</a>`)}</nav>
${endpoints.map(endpoint => endpointSection(endpoint, language, at))}
<h2 id="callbacks">${say('回调', 'Callbacks')}</h2>
<p>${say(
      'POST 到工作区的回调地址加上路径; 任意 2xx 即成功, 5 秒内回答。签名遵循 Standard Webhooks; 重发的 webhook-id 不变, 用它去重。',
      'Posted to the callback base of the workspace and this path; any 2xx is success, within 5 s. Signed as Standard Webhooks say; a try again has the same webhook-id: duplicates are known by it.',
    )}</p>
<ul>
<li>${say(
      '大小: 一位成员约 285 字节, 100 人的群约 29 KB, 满员 500 人约 143 KB。接收程序与它前面的代理至少放行 1 MB (nginx: client_max_body_size 1m; Express: limit)。',
      'Size: some 285 bytes a member, 29 KB for 100, 143 KB for a full room of 500. Let at least 1 MB through, in the receiver and in the proxy before it (nginx: client_max_body_size 1m; Express: limit).',
    )}</li>
<li>${say('接收方的请求头: 每个工作区可设一个, 值加密保存', 'A header for the receiver: one a workspace, its value is kept sealed')}: <code>qunhub callback set-header X-Receiver-Key</code></li>
<li>${say('每种回调都能开关', 'Each kind has a switch')}: <code>qunhub workspace set --chatroom-loaded off</code>, <code>--room-left on</code>${say(' 等; chatroom/* 默认开, room/* 默认关', ' and so on; chatroom/* are on by default, room/* off')}</li>
<li>${say('接收方该怎么做, 可用', 'Hold a receiver against this with')} <code>qunhub doctor</code>, <code>qunhub conform</code></li>
</ul>
${told.map(
  ({ kind, path, summary, body }) => html`<h3 id="${kind}">POST …${path}</h3>
<p>${inLanguage(summary, language)}</p>
${fieldTable(describeFields(body), language)}`,
)}</main>`,
  )
}

/** `/docs/errors/<endpoint>/<code>`, in both languages; undefined where there is no such code. */
export function errorPage(name: string, code: string, { root }: At): string | undefined {
  const endpoint: Endpoint | undefined = endpoints.find(each => each.name === name)
  const meanings = endpoint && meaningsOf(endpoint, code)
  if (!endpoint || !meanings?.length) return undefined
  return page(
    { language: 'chinese', root, title: `${name} ${code}` },
    html`<main><p><a href="${root}docs#${name}">${endpoint.path}</a></p>
<h1>${name} ${code}</h1>
${meanings.map(
  ({ word, message, help: { means, check, next } }) => html`<h2>${message} <code>${word}</code></h2>
<dl>${part('含义 / What it means', means)}${part('怎样检查 / How to check', check)}${part('下一步 / What next', next)}</dl>`,
)}</main>`,
  )
}

interface Meaning {
  readonly word: string
  readonly message: string
  readonly help: RefusalHelp
}

/** Its own refusals of this number, or what any endpoint may answer. */
function meaningsOf({ refusals }: Endpoint, code: string): Meaning[] {
  const general = generalAnswers.find(each => String(each.code) === code)
  if (general) return [{ ...general, message: inBoth(general.message) }]
  return Object.entries(refusals)
    .filter(([, refusal]) => String(refusal.code) === code)
    .map(([word, { message }]) => ({ word, message, help: refusalHelp[word as keyof typeof refusalHelp] }))
}

const part = (title: string, words: BothLanguages): Html =>
  html`<dt class="dim">${title}</dt><dd>${words.chinese}${words.english === words.chinese ? '' : html`<br><span lang="en">${words.english}</span>`}</dd>`

function endpointSection(endpoint: Endpoint, language: Language, { root, baseUrl }: At): Html {
  const { name, method, path, summary, request, reply, refusals } = endpoint
  const { requestHeaders = [], responseHeaders = [] } = endpoint
  const say = sayIn(language)
  const codes = Object.entries(refusals).map(([word, { code, message }]) =>
    codeRow(code, message, refusalHelp[word as keyof typeof refusalHelp]),
  )
  const general = generalAnswers.map(({ code, message, help }) => codeRow(code, message[language], help))
  function codeRow(code: number, message: string, { means }: RefusalHelp): (Html | string)[] {
    return [html`<a href="${root}docs/errors/${name}/${code}">${code}</a>`, message, means[language]]
  }
  const head = [say('错误码', 'code'), say('说明', 'message'), say('含义', 'means')]
  return html`<h2 id="${name}">${method} ${path}</h2>
<p>${inLanguage(summary, language)} · <a href="${root}docs/try${language === 'chinese' ? '' : '/en'}">${say('在线调试', 'try it')}</a></p>
${fieldTable([...describeFields(request), ...requestHeaders.map(asField)], language)}
<pre tabindex="0"><code>${curl(endpoint, baseUrl)}</code></pre>
<div class="codes">${codeSamples(endpoint, baseUrl).map(
    each =>
      html`<details name="${name}"><summary>${each.language}</summary><pre tabindex="0"><code>${each.code}</code></pre></details>`,
  )}</div>
<details><summary>${say('答复的字段', 'Fields of the answer')}</summary>${fieldTable([...describeFields(reply), ...responseHeaders.map(asField)], language)}</details>
${table(head, codes)}
<details><summary>${say('任何接口都可能的答复', 'What any endpoint may answer')}: ${generalAnswers.map(({ code }) => code).join(', ')}</summary>${table(head, general)}</details>`
}

const asField = ({ name, description }: Header): DescribedField => ({
  name: `${name}:`,
  isRequired: false,
  types: ['header'],
  words: description,
})

const fieldTable = (fields: readonly DescribedField[], language: Language): Html => {
  const say = sayIn(language)
  return table(
    [say('字段', 'field'), say('类型', 'type'), say('说明', 'meaning')],
    fields.map(({ name, isRequired, types, words }) => [
      html`<code>${name}</code>`,
      html`<span class="dim">${types.join(' | ')}${isRequired ? say(', 必填', ', required') : ''}</span>`,
      inLanguage(words, language),
    ]),
  )
}
