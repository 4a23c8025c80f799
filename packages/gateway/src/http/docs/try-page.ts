/** `/docs/try`: Swagger UI, served from its own package, on the contract. The only page with a script, and all of it is ours to serve. */
import { endpoints } from '@qunhub/wire'
import { type At, type Language, page, sayIn } from './frame.ts'
import { html } from './html.ts'

/** Swagger UI sets styles by script, which is no inline style; its pictures are in its sheet. */
export const TRY_POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; " +
  "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

/** What it loads, by their names below `/docs/try/`. */
export const TRY_FILES = ['swagger-ui-bundle.js', 'swagger-ui.css', 'try.js', 'try.css'] as const

export const tryPage = (language: Language, { root }: At): string => {
  const say = sayIn(language)
  const files = `${root}docs/try`
  return page(
    {
      language,
      root,
      title: say('群枢 Qunhub: 在线调试', 'Qunhub: try it'),
      head: html`<link rel="stylesheet" href="${files}/swagger-ui.css"><link rel="stylesheet" href="${files}/try.css">
<script src="${files}/swagger-ui-bundle.js" defer></script><script src="${files}/try.js" type="module"></script>`,
    },
    html`<header><nav><a href="${root}docs${language === 'chinese' ? '' : '/en'}">${say('接口文档', 'The API')}</a>${
      language === 'chinese'
        ? html`<a href="${root}docs/try/en" lang="en">English</a>`
        : html`<a href="${root}docs/try" lang="zh-CN">中文</a>`
    }</nav>
<h1>${say('在线调试', 'Try it')}</h1>
<p>${say(
      '展开一个接口，点“执行”。请求由这个网关真的执行：在演示里对着模拟的企业微信，在正式环境里对着真的群。',
      'Open an endpoint and press Execute. This gateway carries the request out: in the demo against a simulated WeCom, elsewhere against real rooms.',
    )}</p>
<p><label for="token">token</label> <input id="token" placeholder="${String(endpoints[0]!.example['token'])}" autocomplete="off" spellcheck="false"> <span class="dim">${say(
      '演示里已经填好；别处粘贴一次，每个请求都会带上，不保存。',
      'Filled in already in the demo; paste it once elsewhere. Every request carries it, and nothing keeps it.',
    )}</span></p>
<h2>${say('接口', 'Endpoints')}</h2></header>
<div id="swagger"></div>
<noscript><p>${say('这一页需要 JavaScript；接口文档不需要。', 'This page needs JavaScript; the documents do not.')}</p></noscript>`,
  )
}
