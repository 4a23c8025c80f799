/**
 * Runs in the browser, on `/docs/try`: Swagger UI on the contract. It asks where the page was found, whatever server the document
 * names, for the page's policy lets nothing else be asked. One token stands in every request; in the demo it is there already.
 */
const words = document.documentElement.lang.startsWith('zh') ? CHINESE() : new Map()
// The page is `<base>/docs/try` or `<base>/docs/try/en`.
const base = new URL(document.body.dataset.root, location.href)
const field = document.querySelector('#token')
const contract = await (await fetch(new URL('openapi.json', base))).json()

followColourScheme()
field.value = tokenIn(contract)
field.addEventListener('change', show)
mend(document.querySelector('#swagger'))
show()

function show() {
  const host = document.createElement('div')
  document.querySelector('#swagger').replaceChildren(host)
  globalThis.SwaggerUIBundle({
    domNode: host,
    spec: toTry(contract, field.value.trim() || field.placeholder),
    presets: [globalThis.SwaggerUIBundle.presets.apis],
    layout: 'BaseLayout',
    tryItOutEnabled: true,
    displayRequestDuration: true,
    defaultModelsExpandDepth: -1,
    syntaxHighlight: { theme: 'tomorrow-night' },
    validatorUrl: null,
  })
}

/** The document as this page wants it: it is asked here, with this token, and callbacks cannot be asked at all. */
function toTry({ webhooks: _, ...document }, token) {
  const tried = structuredClone(document)
  tried.servers = [{ url: base.href.replace(/\/$/, '') }]
  tried.tags = tried.tags.filter(({ name }) => operations(tried).some(({ tags }) => tags.includes(name)))
  // The token stands in the request; a second way to say it would only be in its way.
  delete tried.components.securitySchemes
  for (const operation of operations(tried)) {
    delete operation.security
    for (const parameter of operation.parameters ?? [])
      if (parameter.name === 'token') parameter.example = token
    const body = operation.requestBody?.content['application/json'].example
    if (body) body.token = token
  }
  return tried
}

/** That of the demo; the contract's own is nobody's, and stands in the field only as a hint. */
function tokenIn(document) {
  const bodies = operations(document).map(
    ({ requestBody }) => requestBody?.content['application/json'].example,
  )
  const token = bodies.find(body => body?.token)?.token ?? ''
  return token === field.placeholder ? '' : token
}

function operations({ paths }) {
  return Object.values(paths).flatMap(path => Object.values(path))
}

/** Swagger UI has a dark sheet of its own, behind a class. */
function followColourScheme() {
  const dark = matchMedia('(prefers-color-scheme: dark)')
  const follow = () => document.documentElement.classList.toggle('dark-mode', dark.matches)
  dark.addEventListener('change', follow)
  follow()
}

/**
 * Swagger UI speaks English only: what it writes is put into Chinese when it appears. Requests and answers are left alone. Where its
 * fields and regions have no names, and what scrolls cannot be reached by keys, they get them.
 */
function mend(root) {
  const translate = node => {
    const chinese = words.get(node.data.trim())
    if (chinese && !node.parentElement?.closest('pre, code, textarea')) node.data = chinese
  }
  const look = node => {
    if (node.nodeType === Node.TEXT_NODE) return translate(node)
    const texts = document.createTreeWalker(node, NodeFilter.SHOW_TEXT)
    while (texts.nextNode()) translate(texts.currentNode)
  }
  new MutationObserver(changes => {
    for (const { type, target, addedNodes } of changes)
      (type === 'childList' ? [...addedNodes] : [target]).forEach(look)
    for (const field of root.querySelectorAll('textarea:not([aria-label])'))
      field.ariaLabel = words.get('Request body') ?? 'Request body'
    for (const region of root.querySelectorAll('[role=region]:not([aria-label])'))
      region.ariaLabel = region.id
    for (const code of root.querySelectorAll('pre:not([tabindex])')) code.tabIndex = 0
  }).observe(root, { childList: true, characterData: true, subtree: true })
}

function CHINESE() {
  return new Map(
    Object.entries({
      'Try it out': '试一试',
      Cancel: '取消',
      Execute: '执行',
      Clear: '清除',
      Reset: '重置',
      Parameters: '参数',
      'No parameters': '没有参数',
      Name: '名称',
      Description: '说明',
      required: '必填',
      'Request body': '请求体',
      'Example Value': '示例',
      'Edit Value': '编辑',
      Schema: '结构',
      'Media type': '类型',
      'Send empty value': '发送空值',
      Responses: '回答',
      Code: '状态码',
      Links: '链接',
      'No links': '无',
      Curl: 'curl 命令',
      'Request URL': '请求地址',
      'Server response': '服务器的回答',
      'Response body': '回答内容',
      'Response headers': '回答头',
      'Request duration': '用时',
      Download: '下载',
      Details: '详情',
      Undocumented: '文档未列出',
      'Loading...': '载入中',
      Servers: '服务器',
    }),
  )
}
