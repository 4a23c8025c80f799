/** `/docs/moving`: for programs that spoke to the vendor's own service before. Each line is a rule of docs/rules.md, said shortly. */
import type { BothLanguages } from '@qunhub/wire'
import { type At, type Language, page, sayIn } from './frame.ts'
import { html } from './html.ts'
import { table } from './table.ts'

interface Difference {
  readonly about: BothLanguages
  readonly here: BothLanguages
}

const both = (chinese: string, english: string): BothLanguages => ({ chinese, english })

const DIFFERENCES: readonly Difference[] = [
  {
    about: both('地址与 token', 'Address and token'),
    here: both(
      '把 https://ex-api.botorange.com 换成这个网关的地址；token 由 qunhub token issue 签发。路径、字段、包装都不变。',
      'Put this gateway in the place of https://ex-api.botorange.com; tokens come from qunhub token issue. Paths, fields and envelopes stay.',
    ),
  },
  {
    about: both('id', 'Ids'),
    here: both(
      'wxid、roomWxid、userId、externalUserId 来自企业微信，不变。chatId 和标签 id 由本网关生成，是另外的 24 位十六进制数：不要沿用旧的，用 /room/list 与 /tag/list 查。',
      'wxid, roomWxid, userId and externalUserId come from WeCom and stay. chatId and tag ids are made here, other 24 hex digits: keep none of the old; look them up by /room/list and /tag/list.',
    ),
  },
  {
    about: both('错误说明', 'Message texts'),
    here: both(
      '以接口页的原文开头，有时接“: ”和所指的 id。程序只看 code，不要比较文字。',
      'They begin with the words of the page; ": " and the id that is meant may follow. Look at the code, and compare no words.',
    ),
  },
  {
    about: both('addMember 的 -11 与 -12', '-11 and -12 of addMember'),
    here: both(
      '-11：群是知道的，但这个 bot 不在群内；-12：内部群。先于 -9、-8、-10、-7 检查，所以内部群里已有的成员得到 -12。',
      '-11: the room is known but this bot is not in it; -12: an internal room. Both are checked before -9, -8, -10 and -7: a member of an internal room is answered -12.',
    ),
  },
  {
    about: both('列表接口的 -1', '-1 of lists'),
    here: both(
      '接口页的列表没有错误码；这里 token 无效时答 {"code":-1,"message":"无效token","data":[]}。未知的标签、联系人答空列表。',
      'The page gives lists no codes; here a bad token is answered {"code":-1,"message":"无效token","data":[]}. An unknown tag or contact is an empty list.',
    ),
  },
  {
    about: both('页数从几开始', 'Where pages begin'),
    here: both(
      '/room/listByMHTag 从 1 开始（0 当作 1）；/room/list、/room/simpleList、/contact/list 从 0 开始。超出最后一页：data 为空，total 仍是总行数。pageSize 最大 100。',
      '/room/listByMHTag counts from 1 (0 is read as 1); /room/list, /room/simpleList and /contact/list from 0. Beyond the end data is empty and total still counts all rows. pageSize is 100 at most.',
    ),
  },
  {
    about: both('同一个群有两个 bot', 'Two bots in one room'),
    here: both('每个 bot 一行，chatId 各不相同。', 'One row for each bot, each with a chatId of its own.'),
  },
  {
    about: both('请求不符合要求', 'Malformed requests'),
    here: both(
      'HTTP 400，code（create 为 errcode）400，说明里有字段名。其余的拒绝都是 HTTP 200 加负数。',
      'HTTP 400 with code (create: errcode) 400 and the name of the field. All other refusals are HTTP 200 and a negative number.',
    ),
  },
  {
    about: both('限流', 'Rate limit'),
    here: both(
      '每个 token 任意 30 秒 500 次；超出为 429，正文是纯文本，带 Retry-After。',
      '500 calls in any 30 s a token; beyond it 429, plain text, with Retry-After.',
    ),
  },
  {
    about: both('拉人与建群', 'Adding and creating'),
    here: both(
      '群满 40 人（含 40）起发入群卡片。建群 2~40 人不计 userIds；有一个 id 不认识就不建群。Idempotency-Key 让重试只建一个群。',
      'From exactly 40 members on a card is sent. The 2 to 40 of create do not count userIds; one unknown id and no room is made. With an Idempotency-Key tries again make one room.',
    ),
  },
  {
    about: both('contactWxid', 'contactWxid'),
    here: both(
      '也接受 externalUserId（wm…、wo…）和托管账号自己的 wxid。',
      'Takes an externalUserId (wm…, wo…) and the wxid of a hosted account, too.',
    ),
  },
  {
    about: both('回调', 'Callbacks'),
    here: both(
      '正文不变，多了 webhook-id、webhook-timestamp、webhook-signature 三个请求头。至少一次：按 webhook-id 去重，5 秒内答 2xx，否则重试 5 次。对账发现变化时也发 loaded。',
      'Bodies stay; webhook-id, webhook-timestamp and webhook-signature are added as headers. At least once: know duplicates by webhook-id, answer 2xx within 5 s, or it comes 5 times more. loaded also comes when a reconcile finds a change.',
    ),
  },
  {
    about: both('新版回调', 'The newer callbacks'),
    here: both(
      '/room/joined、/room/left、/room/topic 可按工作区打开，默认关闭；新版的调用接口（imBotId 等名称）没有。',
      '/room/joined, /room/left and /room/topic can be switched on for a workspace; they are off by default. The calls of the newer API (imBotId and such names) are not here.',
    ),
  },
]

export const movingPage = (language: Language, { root }: At): string => {
  const say = sayIn(language)
  const title = say('从秒回开放 API 迁来', 'Coming from the 秒回 open API')
  return page(
    { language, root, title: `Qunhub: ${title}` },
    html`<main><nav><a href="${root}docs${language === 'chinese' ? '' : '/en'}">${say('接口文档', 'The API')}</a>${
      language === 'chinese'
        ? html`<a href="${root}docs/moving/en" lang="en">English</a>`
        : html`<a href="${root}docs/moving" lang="zh-CN">中文</a>`
    }</nav>
<h1>${title}</h1>
<p>${say(
      '接口页写明的都照做。下面是接口页没有写、或换地址时要留意的。用 qunhub conform --api 可以拿任何一边与接口页比对。',
      'What the page says holds. Here is what it leaves open, and what to mind when the address changes. qunhub conform --api holds either side against the page.',
    )}</p>
${table(
  [say('关于', 'About'), say('这里', 'Here')],
  DIFFERENCES.map(({ about, here }) => [html`<strong>${about[language]}</strong>`, here[language]]),
)}</main>`,
  )
}
