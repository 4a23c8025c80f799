import { Html, html } from './html.ts'

export type Language = 'chinese' | 'english'

/** Where a page stands: `root` leads from it to the gateway's base path, `./` or `../`. */
export interface At {
  readonly root: string
  /** The URL by which customers come, for lines that are pasted. */
  readonly baseUrl: string
}

interface Frame {
  readonly language: Language
  readonly root: string
  readonly title: string
  /** What this page needs besides the sheet of all. */
  readonly head?: Html
}

/** A whole page; its body says itself what is the main part. */
export const page = ({ language, root, title, head = html`` }: Frame, body: Html): string =>
  html`${new Html('<!doctype html>')}
<html lang="${language === 'chinese' ? 'zh-CN' : 'en'}">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>${title}</title><link rel="stylesheet" href="${root}docs/style.css">${head}</head>
<body data-root="${root}">${body}</body>
</html>
`.text

export const sayIn =
  (language: Language) =>
  (chinese: string, english: string): string =>
    language === 'chinese' ? chinese : english

/** Of words that are said in both, Chinese first: those of one; all of them where they are said once. */
export const inLanguage = (words: string, language: Language): string => {
  const at = words.indexOf(' / ')
  if (at < 0) return words
  return language === 'chinese' ? words.slice(0, at) : words.slice(at + 3)
}
