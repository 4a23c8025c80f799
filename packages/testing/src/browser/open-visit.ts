/**
 * A worker starts one browser, when a test first wants one, and keeps it through all its files; it ends with the worker.
 * Every visit is a profile of its own, that has no cookies and nothing cached.
 */
import { type Browser, chromium, type Page } from 'playwright-core'
import { findChromium } from './find-chromium.ts'

/** How long a page may take to show what is waited for: only what never comes is caught by it. */
const WAIT_MAX_MS = 50_000

export interface VisitOptions {
  /** In pixels; 1280 is a laptop, 390 a phone. */
  readonly width?: number
  readonly height?: number
  readonly colorScheme?: 'light' | 'dark'
  readonly locale?: 'zh-CN' | 'en-US'
}

/** Somebody's look at pages of one origin, and what the browser had to say against them. */
export interface Visit {
  readonly page: Page
  /** What a content security policy forbade: directive, what was blocked, where. */
  readonly cspReports: readonly string[]
  /** URLs that were asked for elsewhere, whether or not they were let through. */
  readonly foreignRequests: readonly string[]
  /** Uncaught errors, and what the console calls errors. */
  readonly errors: readonly string[]
  close(): Promise<void>
}

let browser: Promise<Browser> | undefined

/** Opens a page that shows nothing yet; what is not of `origin` is foreign to it. */
export async function openVisit(origin: string, options: VisitOptions = {}): Promise<Visit> {
  const { width = 1280, height = 900, colorScheme = 'light', locale = 'zh-CN' } = options
  browser ??= startBrowser()
  const context = await (await browser).newContext({
    viewport: { width, height },
    colorScheme,
    locale,
    timezoneId: 'Asia/Shanghai',
    reducedMotion: 'reduce',
  })
  context.setDefaultTimeout(WAIT_MAX_MS)
  const cspReports: string[] = []
  const foreignRequests: string[] = []
  const errors: string[] = []
  await context.exposeBinding('reportViolation', (_source, report: string) => void cspReports.push(report))
  await context.addInitScript(REPORT_VIOLATIONS)
  context.on('request', request => {
    const url = request.url()
    if (/^https?:/.test(url) && new URL(url).origin !== new URL(origin).origin) foreignRequests.push(url)
  })
  context.on('weberror', failure => errors.push(failure.error().message))
  context.on('console', message => {
    if (message.type() === 'error') errors.push(message.text())
  })
  return {
    page: await context.newPage(),
    cspReports,
    foreignRequests,
    errors,
    close: () => context.close(),
  }
}

async function startBrowser(): Promise<Browser> {
  const { program, env } = await findChromium()
  exitWhenAsked()
  return chromium.launch({
    executablePath: program,
    env,
    // Who is root has no sandbox; pages here are our own.
    args: ['--no-sandbox', '--lang=zh-CN'],
    handleSIGINT: false,
    handleSIGTERM: false,
    handleSIGHUP: false,
  })
}

/** A worker is ended by a signal. Only when a process exits does playwright end its browser and remove its folders. */
const exitWhenAsked = () => void process.once('SIGTERM', () => process.exit())

const REPORT_VIOLATIONS = `addEventListener('securitypolicyviolation', event =>
  reportViolation([event.effectiveDirective, event.blockedURI, event.sourceFile, event.lineNumber].join(' ')))`
