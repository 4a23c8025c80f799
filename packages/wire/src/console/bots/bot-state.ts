import { z } from 'zod'

/** Every state of a bot's life; what lists them all derives its list from here. */
export const BotState = z
  .enum([
    'new',
    'connecting',
    'awaiting-scan',
    'online',
    'reconnecting',
    'offline',
    'logged-out',
    'wrong-account',
    'occupied',
  ])
  .meta({ id: 'BotState' })
