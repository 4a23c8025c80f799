import type { z } from 'zod'
import type { botQrcode } from '../bots/bot-qrcode.ts'
import type { ManagementVerbName } from './management.ts'
import type { operatorVerbs } from './verbs.ts'

type Examples = { readonly [N in ManagementVerbName]: z.input<(typeof operatorVerbs)[N]['input']> }

/** Whole requests, as documents show them: in the demo each is carried out, or refused because there is no such replay. */
export const managementExamples: Examples = {
  'list-bots': {},
  'show-bot': { bot: 'xiaobei', limit: 20 },
  'login-bot': { bot: 'xiaobei' },
  'set-callback-url': { url: 'https://scrm.example.com/qunhub' },
  'clear-callback-url': {},
  'set-callback-header': { header: 'X-Receiver-Key', value: 'a-secret-of-yours' },
  'clear-callback-header': {},
  'show-callback-secret': {},
  'rotate-callback-secret': { overlapHours: 24 },
  'show-callback-address': {},
  'test-callback': {},
  'resume-callbacks': {},
  'list-callbacks': { limit: 20 },
  'show-callback-counts': {},
  'show-callback': { id: 1 },
  'list-callbacks-after': { after: 1, limit: 20 },
  'replay-callbacks': { state: 'parked' },
  'start-replay': { state: 'parked', dryRun: true },
  'show-callback-rate': {},
  'list-replays': {},
  'steer-replay': { id: '5eda03260e21f35ca20f9eb4', to: 'pause' },
}

export const qrcodeExample: z.input<typeof botQrcode.query> = { bot: 'xiaobei' }
